//go:build unix && (!linux || portable)

package pool

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// newNotifier returns a pair of sockets: for who sleeps in the runtime's poller, and what
// that is notified by.
func newNotifier() (at, by *os.File, err error) {
	pair, err := socketPair()
	if err != nil {
		return nil, nil, err
	}
	unix.SetNonblock(pair[0], true)
	return os.NewFile(uintptr(pair[0]), "pool's notifier"), os.NewFile(uintptr(pair[1]), "pool's bell"), nil
}

// sleepAt sleeps until the one that newNotifier has returned is notified, or until a time;
// zero: there is none. It reports whether it was notified.
func sleepAt(f *os.File, until time.Time) bool {
	f.SetReadDeadline(until)
	var all [256]byte
	_, err := f.Read(all[:])
	return err == nil
}

// newWorkerNotifier returns a pair of sockets for one who sleeps in the kernel.
func newWorkerNotifier() (ours, theirs *os.File, err error) {
	pair, err := socketPair()
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(pair[0]), "worker's bell"), os.NewFile(uintptr(pair[1]), "worker's notifier"), nil
}

// socketPair returns two connected sockets, close-on-exec.
func socketPair() ([2]int, error) {
	// Not every system has SOCK_CLOEXEC: nobody may fork between the making and the marking.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return pair, os.NewSyscallError("socketpair", err)
	}
	unix.CloseOnExec(pair[0])
	unix.CloseOnExec(pair[1])
	return pair, nil
}

// notify wakes who sleeps at a notifier. Where it is full there is enough to wake them. If
// nobody has the other end the Go runtime takes the SIGPIPE.
func notify(f *os.File) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) {
		for {
			if _, err := unix.SendmsgN(int(fd), []byte{1}, nil, nil, unix.MSG_DONTWAIT); err != unix.EINTR {
				return
			}
		}
	})
}

// awaitNotifier sleeps until a worker is notified.
func awaitNotifier(fd int) {
	var all [256]byte
	for {
		if _, err := unix.Read(fd, all[:]); err != unix.EINTR {
			return
		}
	}
}
