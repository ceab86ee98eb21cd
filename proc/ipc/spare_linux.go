//go:build !portable

package ipc

import (
	"sync"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// spare is a fact about this process: a descriptor that is kept for the moment when
// there is no other, since who takes over descriptors that have come needs one more for
// that moment: what they belong to would be lost.
var spare struct {
	sync.Mutex
	fd int // 0: there is none
}

// keepSpare sees to it that there is a spare one, if that is possible.
func keepSpare() {
	spare.Lock()
	defer spare.Unlock()
	if spare.fd == 0 {
		if fd, err := fds.Event(true); err == nil {
			spare.fd = fd
		}
	}
}

// duplicateFd is F_DUPFD. Where there is no descriptor left it takes the spare one.
func duplicateFd(fd int) (int, error) {
	d, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != unix.EMFILE {
		return d, err
	}
	spare.Lock()
	defer spare.Unlock()
	if spare.fd == 0 {
		return d, err
	}
	unix.Close(spare.fd)
	spare.fd = 0
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
}
