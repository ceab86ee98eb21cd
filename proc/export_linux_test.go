//go:build !portable

package proc

import (
	"slices"

	"golang.org/x/sys/unix"
)

// HasRead is IsWaiting of one that has read all that it was told.
func HasRead(pid int) bool {
	ready.mu.Lock()
	defer ready.mu.Unlock()
	i := slices.IndexFunc(ready.waiting, func(s *worker) bool { return s.child.Pid == pid })
	unread := -1
	if i >= 0 {
		control(ready.waiting[i].channel.file, func(fd int) { unread, _ = unix.IoctlGetInt(fd, unix.TIOCOUTQ) }) // the number of SIOCOUTQ
	}
	return unread == 0
}

// InheritedNice returns the nice value that a child started now would have.
func InheritedNice() int {
	var r inheritedReader
	defer r.close()
	return 20 - r.inherit().nice
}

// SmallIsBetter reports whether memory has been seen to come faster in small pages.
func SmallIsBetter() bool { return small.better }

// SettleAfterDrain lets the first child of its kind become ready at the moment when those that are ready are let
// go, and reports whether it is kept.
func SettleAfterDrain() (kept bool, err error) {
	s, made, err := ready.launch()
	if err != nil {
		return false, err
	}
	ready.mu.Lock()
	defer ready.mu.Unlock()
	ready.all = append(ready.all, s)
	ready.drop(0)
	ready.made = nil
	ready.settle(s, made, nil)
	return slices.Contains(ready.waiting, s), nil
}
