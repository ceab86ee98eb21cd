// Package cluster is what luaspawnd does: it carries the packets of sessions (package session)
// between machines by NATS, and starts hosts (package proc/pool/remote) for pools.
//
//	script's process      luaspawnd bridge   nats-server   luaspawnd worker      host
//	pool, sessions  <---pipe--->  Bridge  <----> Serve <---->  Work  <---pipe--->  children
//
//	ls.who               asked by a bridge, with the pool: which workers are there?
//	ls.here.all          said by a worker that has come
//	ls.here.POOL         its answer to a bridge
//	ls.1.worker.WORKER   packets to a worker
//	ls.1.pool.POOL       packets to a pool
//	ls.1.status.WORKER   asked by people: what it does
//	ls.1.gone.WORKER     said by Serve, which sees connections end, and by a worker that ends
//
// 1 is the format of what is said; WORKER and POOL are random, in hex.
//
// # What NATS is for, and what not
//
// It finds the way between machines that can't reach each other, says who is there, and who
// may publish what. It keeps nothing: no task is ever stored outside of the script's process and
// the one worker that has it. A queue with leases in the server, JetStream's, would be a second place
// that knows which task is where; where the two differ a task is lost, or begun twice, and
// in trials stored tasks did vanish when leaders of three replicas were killed. As it is, a
// server that is killed, its data with it, costs the time that it takes to come back.
//
// This package imports neither Lua nor what starts children, and it and what is below it are the only
// ones that import NATS: who doesn't start luaspawnd pays nothing for it.
package cluster

import (
	"encoding/hex"

	"luaspawn/proc/cluster/session"
)

// Subjects.
const (
	subjectWho  = "ls.who"
	subjectHere = "ls.here."
	subjectAll  = subjectHere + "all"
	workers     = "ls.1.worker."
	pools       = "ls.1.pool."
	gone        = "ls.1.gone."
	status      = "ls.1.status."
)

// Names of the roles at the server.
const (
	scriptUser = "script"
	workerUser = "worker"
)

// clientName is what a worker's connection is called.
const clientName = "luaspawn worker "

func subject(prefix string, id session.ID) string { return prefix + hex.EncodeToString(id[:]) }

// idOf reads what subject has made.
func idOf(subject, prefix string) (id session.ID, ok bool) {
	if len(subject) != len(prefix)+hex.EncodedLen(len(id)) || subject[:len(prefix)] != prefix {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(subject[len(prefix):]))
	return id, err == nil
}
