//go:build !portable

package ipc

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A View is a look at an object from outside: whoever looks needs no place in it, changes
// nothing, and sees what is there while others change it.
type View struct {
	s    *segment
	data []byte
}

// Look looks at the object whose memory is descriptor fd of a process.
func Look(pid, fd int) (*View, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/fd/%d", pid, fd))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() < atData {
		return nil, ErrBad
	}
	data, err := unix.Mmap(int(f.Fd()), 0, atData, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	s := &segment{memory: &memory{fd: -1, data: data}}
	if s.word(atMagic).Load() != magic {
		unix.Munmap(data)
		return nil, ErrBad
	}
	s.kind = kind(s.word(atKind).Load())
	return &View{s, data}, nil
}

// Close ends the look.
func (v *View) Close() { unix.Munmap(v.data) }

// Pids returns the processes that have the object open.
func (v *View) Pids() (list []int) {
	for slot := range v.s.slots() {
		if id := v.s.ident(slot); id != 0 {
			list = append(list, id.pid())
		}
	}
	return list
}

// slotOfPid returns the slot of a process, -1 where it has none.
func (v *View) slotOfPid(pid int) int {
	for slot := range v.s.slots() {
		if v.s.ident(slot).pid() == pid {
			return slot
		}
	}
	return -1
}

// Owner returns who holds a lock: a pid, or 0 where it can be had. Where its owner has
// closed it and ended, nobody can give it back: left.
func (v *View) Owner() (pid int, left bool) {
	w := v.s.state(lockOwner) &^ waiting
	switch {
	case w == 0, w == ownerDied:
		return 0, false
	case slotOf(w) >= maxSlots:
		return 0, true
	}
	return v.s.ident(slotOf(w)).pid(), false
}

// OnlyOwner reports whether nobody but its owner can release the lock.
func (v *View) OnlyOwner() bool { return v.s.kind != kindLock }

// Holders returns who holds what of a semaphore or of the items of a queue, by pid.
func (v *View) Holders() (list []int) {
	for slot := range v.s.slots() {
		if v.s.field(slot, slotHeld) > 0 && v.s.ident(slot) != 0 {
			list = append(list, v.s.ident(slot).pid())
		}
	}
	return list
}

// Value returns the value of a semaphore.
func (v *View) Value() int { return int(v.s.state(semValue)) }

// Items returns how many items a queue has, how many it can have, and how many aren't done.
func (v *View) Items() (n, most, unfinished int) {
	return int(v.s.state(qCount)), int(v.s.state(qMax)), int(v.s.state(qUnfinished))
}

// IsSet says whether an event is set, and how often it was.
func (v *View) IsSet() (set bool, sets uint64) {
	return v.s.state(eventFlag) != 0, v.s.state(eventSets)
}

// Sleeps reports whether a process waits at a condition and hasn't been notified.
func (v *View) Sleeps(pid int) bool {
	slot := v.slotOfPid(pid)
	return slot >= 0 && v.s.field(slot, slotHeld) != 0 && v.s.field(slot, slotNote) == 0
}

// Awaited returns how many parties a barrier wants and has, and whether pid waits in this
// round.
func (v *View) Awaited(pid int) (parties, come int, waits bool) {
	slot := v.slotOfPid(pid)
	waits = slot >= 0 && v.s.state(barBroken) == 0 && v.s.field(slot, slotHeld) == v.s.state(barGeneration)+1
	return int(v.s.state(barParties)), int(v.s.state(barCount)), waits
}
