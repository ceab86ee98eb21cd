package proc

import "slices"

// IsWaiting reports whether the child is kept ready and may be taken.
func IsWaiting(pid int) bool {
	ready.mu.Lock()
	defer ready.mu.Unlock()
	return slices.ContainsFunc(ready.waiting, func(s *worker) bool { return s.child.Pid == pid })
}

// IsTold is IsWaiting of one that has been told all notes.
func IsTold(pid int) bool {
	ready.mu.Lock()
	defer ready.mu.Unlock()
	return slices.ContainsFunc(ready.waiting, func(s *worker) bool { return s.child.Pid == pid && s.noted == ready.noted })
}

// Wanted returns how many prestarted workers there should be.
func Wanted() int {
	ready.mu.Lock()
	defer ready.mu.Unlock()
	return ready.want
}

// KillReady kills a child that is kept ready or made so, and reports whether it
// still is when the signal is sent: from outside it can't be told whether a
// process was killed while it waited or just afterwards.
func KillReady(pid int) bool {
	ready.mu.Lock()
	defer ready.mu.Unlock()
	for _, s := range ready.all {
		if s.child.Pid == pid {
			return s.child.Kill() == nil
		}
	}
	return false
}
