// Package cluster is what luaspawnd does: it carries the packets of sessions (package session)
// between machines by NATS, and starts hosts (package proc/pool/remote) for pools.
//
//	script's process      luaspawnd bridge   nats-server   luaspawnd worker      host
//	pool, sessions  <---pipe--->  Bridge  <----> Serve <---->  Work  <---pipe--->  children
//
//	ls.who               a bridge asks, for its pool: which workers are there?
//	ls.here.POOL         a worker answers
//	ls.here.all          a worker says that it has come
//	ls.3.worker.WORKER   packets to a worker
//	ls.3.pool.POOL       packets to a pool
//	ls.3.status.WORKER   people ask what a worker does
//	ls.3.gone.WORKER     Serve, which sees connections end, or a worker that ends, says that the worker is gone
//
// 3 is the format of what they say, [relay.Format]; WORKER and POOL are random IDs, in hex.
//
// # What NATS is for, and what not
//
// NATS connects machines that can't reach each other, knows which of them are there, and controls who may publish
// what. It stores nothing: a task is only in the script's process and in the one worker that has it. A queue with
// leases in the server, JetStream's, would be a second place that knows which task is where; when the two
// disagree a task is lost, or begun twice, and in trials stored tasks did vanish when leaders of three replicas were
// killed. As it is, a server that is killed, its data with it, costs only the time until it is back.
//
// # Large things
//
// A long message goes in packets of 480 KiB, 2 MiB of which are under way at a time. Script, bridge, server and worker each pass
// on a packet before the rest of the message has come. The worker writes them to the file that the child reads; the host
// passes on only the file. Script and bridge share the memory of packets (relay.Slots): the script seals into it, and opens from
// it. The worker opens directly into a file that was used before, and seals a result from the child's file. A blob
// of a MiB or more goes to a machine when the machine asks for it: luaspawnd keeps a blob that came for one host, and gives it
// to the next one.
//
// 64 MiB as an argument went at 0.56 to 0.69 of the rate of core NATS alone, a result at 0.51 to 0.63, in turns on 2 cores, 12
// runs at loads of 4 to 8; at loads of 20 to 28 an argument at 0.47 to 0.63, 0.54 in the mean of 10 runs, a result at 0.56 to 0.60.
// A window of 4 or 7 MiB showed no difference. Core NATS sends them in pieces to a receiver that puts them together. Both cores are in use all the
// time, so what bounds it is processor time (BenchmarkLarge tells it), in milliseconds:
//
//	            argument      result
//	script      24 to 37      36 to 45      seals or opens (17), with a result in memory that is fresh
//	bridge      23 to 33      40 to 50      copies into the buffer of NATS' client; what comes it puts together, and copies into a slot
//	server      45 to 62      55 to 65      as core NATS' own
//	luaspawnd   47 to 58      50 to 70      puts each message together in memory of its own, opens it; seals, and copies as the bridge does
//	child       19 to 26      23 to 26      reads the file into memory that is fresh, or writes it
//	sum         163 to 215    220 to 245    core NATS: 106 to 130, and 138 to 150
//
// What could still go: the copies in NATS' client (10 each), by a client of our own.
//
// # Ten thousand machines, on paper
//
// 10,000 machines with 8 children each, one script, one server; figures of 2 busy cores of a virtual machine
// (AMD EPYC), where a request and its answer through core NATS took 0.11 to 0.14 ms:
//
//	connections     67 KB and 0.9 ms of processor time each at the server: 0.7 GB, and 9 s to come
//	sessions        0.5 to 0.9 ms for both sides of a handshake: 2 to 4 s of the script's, once a pool
//	beats           one each way each third of a lease of 5 s: 12,000 packets a second through bridge and
//	                server; reckoned by what a task of some four packets takes, 15 us each: a fifth of a core, of either
//	who is there    asked each 10 s: 1,000 answers a second
//	tasks alone     63 to 97 us of processor time in the script, 55 to 123 in the bridge, 100 to 137 in the server, where each
//	                of them wakes up for one task; 8 to 10, 5 to 8 and 8 to 10 where there is always another one. 80,000
//	                children have enough to do if a task takes 5 s or more: 16,000 a second, a core of the script's at most
//	tasks in chunks 0.7 to 2.5 us: 400,000 a second and more, if each chunk is some milliseconds of work
//	tasks one by one 11 to 20 us, 13 to 19 of processor time in all, and 250 to 600 beside 26 processes that are busy: 128 tasks are
//	                under way for two children, and what counts then is how long each process waits for its turn. asynq's in the
//	                same runs 250 to 1,200 and 3,500 to 3,600
//	others          Dask.distributed (Debian's 2022.12.1), two workers, in turns: a round trip 11 ms beside 0.44 to 0.54, a tiny task
//	                1,900 to 2,500 us, 64 MiB as an argument 790 to 1,470 ms beside 110 to 180
//	one round trip  0.44 to 1.0 ms of an idle pool; ten switches between processes are most of it
//	descriptors     two pipes in the script, one socket a machine at the server
//
// What breaks first is bytes from the script. Code, and whatever else a call reaches, goes to each machine once,
// sealed for it alone, so nobody else can pass it on: 1 MB for 10,000 machines is 10 GB, 80 s at 1 Gb/s, 16 to
// 40 s at the 260 to 620 MB/s that came through here. Then the choice of a machine for each new child, which looks at all
// machines: 8e8 looks for 80,000 children. A script that needs more than that is several pools, each with
// a server of its own; leaf servers of NATS, one a rack, make 250 connections of the 10,000.
//
// This package imports neither Lua nor packages that start children. Only it and luaspawnd import NATS, so who doesn't start
// luaspawnd pays nothing for it.
package cluster

import (
	"encoding/hex"

	"luaspawn/proc/internal/relay"
	"luaspawn/proc/internal/session"
)

// Subjects.
const (
	subjectWho  = "ls.who"
	subjectHere = "ls.here."
	subjectAll  = subjectHere + "all"

	said    = "ls." + relay.Format + "."
	workers = said + "worker."
	pools   = said + "pool."
	gone    = said + "gone."
	status  = said + "status."
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
