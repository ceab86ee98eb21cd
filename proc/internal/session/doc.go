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
// A script's key signs, a worker's key checks that. Both have a secret in common, by which a
// worker shows that it is one. So who has a worker's key can't submit anything, and who has
// none, the operator of the server between them say, can neither run code, nor read what is
// sent, nor change it: each session has keys of its own, agreed on by X25519 over values
// that are signed, and all packets are sealed by AES-GCM. A packet's counter is higher than those
// of all before it, so none is taken twice.
//
// # Messages
//
// A message is cut into fragments, which are numbered. The receiver takes the next one
// only, and says which that is; the sender sends again what was not taken, when nothing has
// moved for some time, or the receiver has seen a gap, or [Conn.Nudge] says that
// the way is open again. So it doesn't matter whether the server between them is restarted,
// nor whether the process that carries the packets is.
//
// # The lease
//
// Each side sends something at least three times a lease. Who hears nothing for a lease
// takes the session to be over: the script counts what runs there as lost, the worker
// ends it. So a task that is begun elsewhere runs twice for no longer than that.
package session
