// Package session joins a script and a worker on another machine: messages that arrive
// once, in their order, and a lease, over packets that may be lost, come twice or come from
// anybody.
//
//	script: Dial                    packets                          worker: Listener
//
//	  'H' id hello ------------------------------------------------> has it the secret?
//	  has it the secret? <------------------------------- 'W' id welcome
//	  'S' id signature --------------------------------------------> is it the script's key?
//	  'P' id counter sealed{ack messages} <---> 'P' id counter sealed{ack messages}
//
// # Who may do what
//
// A script's key signs, and a worker's key checks the signature. The two keys share a secret, by which a worker shows that it is
// one. So somebody who has only a worker's key can't submit anything. Somebody who has no key, the operator of the server
// between them for example, can neither run code, nor read or change what is sent: each session has
// keys of its own, agreed on by X25519 over values that are signed, and all packets are sealed by AES-GCM. Each packet has a higher
// counter than all before it, so none is taken twice.
//
// # Messages
//
// A message is cut into numbered fragments. The receiver accepts only the next fragment, and tells the sender its
// number. The sender sends again what was not accepted, when nothing has moved for some time, the receiver has
// seen a gap, or [Conn.Nudge] is called. So the server between them may be restarted, and so may the process that carries
// the packets.
//
// # The lease
//
// Each side sends something at least three times a lease. A side that hears nothing for a lease takes the session to be
// over: the script counts the tasks at the worker as lost, and the worker ends them. So when the script has a lost task run
// elsewhere, the two run at the same time for a lease at most.
//
// A script that ends closes its sessions. For one that could not, who carries its packets says so ([Left]); the worker
// then waits half a second for it.
package session
