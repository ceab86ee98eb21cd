package board

import (
	"fmt"
	"slices"
	"strings"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc/ipc"
)

// A Reason is why a process that waits doesn't go on: what it waits for isn't there, as
// things stand, and who could change that.
type Reason struct {
	Blocked bool   // it can't go on before somebody has done something
	Holder  []int  // who holds it, by pid
	Note    string // how it stands, in words; may be empty
	saviors []int  // who could; nil with all set: anybody
	all     bool
}

// reason looks how what p waits for stands.
func (p *Process) reason(all []*Process) (r Reason) {
	w := &p.Wait
	switch w.Why {
	case trace.ForProcess:
		q := byPid(all, w.Pid)
		if q == nil || q.State == 0 {
			return Reason{}
		}
		return Reason{Blocked: !w.Limit, saviors: []int{w.Pid}}
	case trace.ForPool:
		return p.poolReason(all)
	case trace.ForTask:
		return Reason{Blocked: true, saviors: []int{p.Parent}}
	}
	if !isObject(w.Why) || w.Fd < 0 {
		return Reason{}
	}
	v, err := ipc.Look(p.Pid, w.Fd)
	if err != nil {
		return Reason{}
	}
	defer v.Close()
	r = Reason{Blocked: true, all: true}
	switch w.Why {
	case trace.ForLock:
		owner, left := v.Owner()
		switch {
		case left:
			r.Note = "whose holder has ended without giving it back"
			r.all, r.saviors = false, v.Pids()
			if v.OnlyOwner() {
				r.saviors = nil
			}
			r.saviors = without(r.saviors, p.Pid)
		case owner == 0:
			r.Blocked = false
		default:
			r.Holder, r.all = []int{owner}, false
			if r.saviors = v.Pids(); v.OnlyOwner() {
				r.saviors = r.Holder
			}
			if q := byPid(all, owner); owner != p.Pid && (q == nil || q.State == 0) {
				r.Blocked = false // it is about to get it
			}
		}
	case trace.ForSemaphore:
		r.Holder = v.Holders()
		r.Blocked = v.Value() == 0
	case trace.ForEvent:
		set, sets := v.IsSet()
		r.Blocked = !set && sets == w.Aux
	case trace.ForCondition:
		r.Blocked = v.Sleeps(p.Pid)
	case trace.ForBarrier:
		parties, come, waits := v.Awaited(p.Pid)
		r.Blocked = waits && come < parties
		if missing := parties - come; r.Blocked {
			r.Note = fmt.Sprintf("%d of %d have come", come, parties)
			if missing == 1 {
				r.Note += ", one is missing"
			} else {
				r.Note += fmt.Sprintf(", %d are missing", missing)
			}
		}
	case trace.ForItem:
		n, _, _ := v.Items()
		r.Blocked = n == 0
		r.Note = "which is empty"
	case trace.ForRoom:
		n, most, _ := v.Items()
		r.Blocked = most > 0 && n >= most
		r.Note = fmt.Sprintf("which is full (%d)", n)
	case trace.ForDone:
		_, _, unfinished := v.Items()
		r.Holder = v.Holders()
		r.Blocked = unfinished > 0
		r.Note = fmt.Sprintf("of which %d aren't", unfinished)
	}
	if !r.Blocked {
		return Reason{}
	}
	r.Blocked = !w.Limit
	return r
}

// poolReason: who waits for results goes on when a worker that has work has done it. Where
// none has any, a result is on its way.
func (p *Process) poolReason(all []*Process) Reason {
	r := Reason{}
	for _, q := range all {
		if q.Parent == p.Pid && q.Flags&Worker != 0 && q.State != 0 && poolOf(q.Name) == p.Wait.What {
			if !(q.Waiting && q.Wait.Why == trace.ForTask) {
				r.Blocked = !p.Wait.Limit
			}
			r.saviors = append(r.saviors, q.Pid)
		}
	}
	return r
}

// poolOf returns the name of the pool to which a worker belongs.
func poolOf(worker string) string {
	if at := strings.LastIndex(worker, "-Worker-"); at > 0 {
		return worker[:at]
	}
	return worker
}

func without(list []int, pid int) []int {
	return slices.DeleteFunc(list, func(n int) bool { return n == pid })
}

func byPid(all []*Process, pid int) *Process {
	for _, p := range all {
		if p.Pid == pid {
			return p
		}
	}
	return nil
}

// Reasons finds out for all processes that wait why they don't go on.
func (b *Board) Reasons(all []*Process) {
	for _, p := range all {
		if p.Waiting && p.State != 0 {
			p.Why = p.reason(all)
		}
	}
	// Who has gone on meanwhile may have changed what was seen.
	for i, turn := range b.turns(all) {
		if turn != all[i].Turn {
			all[i].Why.Blocked = false
		}
	}
}

// Deadlock returns the processes that can never go on by themselves: each waits without a
// limit for what only others of them could do. Reasons comes before.
//
// What a running process could do is taken to be everything: it may have, or get, each
// object but a lock that it hasn't open, which nobody else than its owner releases in
// practice. So it is never said of a program that would go on; of one whose processes can't
// go on while an unrelated one is busy it is said for circles of locks and joins alone.
func Deadlock(all []*Process) []*Process {
	stuck := map[int]*Process{}
	for _, p := range all {
		if p.Waiting && p.Why.Blocked && p.State != 0 && p.State != 'T' {
			stuck[p.Pid] = p
		}
	}
	for again := true; again; {
		again = false
		for pid, p := range stuck {
			if p.saved(all, stuck) {
				delete(stuck, pid)
				again = true
			}
		}
	}
	var list []*Process
	for _, p := range all {
		if stuck[p.Pid] != nil && p.Wait.Why != trace.ForTask {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// saved reports whether somebody who isn't stuck could let p go on.
func (p *Process) saved(all []*Process, stuck map[int]*Process) bool {
	if p.Wait.Why == trace.ForPool { // by a worker that has work, or by one to come
		busy := false
		for _, pid := range p.Why.saviors {
			q := stuck[pid]
			if q == nil {
				return true
			}
			busy = busy || q.Wait.Why != trace.ForTask
		}
		return !busy
	}
	for _, q := range all {
		if q.State == 0 || stuck[q.Pid] != nil {
			continue
		}
		if p.Why.all || slices.Contains(p.Why.saviors, q.Pid) {
			return true
		}
		if !q.Begun && p.Wait.Why != trace.ForProcess { // it may have the object among what it gets
			return true
		}
	}
	return false
}
