//go:build !portable

package proc

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A thread that sits in wait4 is held for as long as the child lives. A pidfd
// becomes readable when the process has ended, so it can be in the runtime's
// poller with everything else. It came with several kernels:
//
//	5.2  clone makes one (CLONE_PIDFD); before, the field stays -1
//	5.3  poll works on it
//	5.4  waitid takes it (P_PIDFD), which os.Process uses
//
// endWatch learns when a process can be waited for without blocking.
type endWatch struct {
	pidfd int // -1 is none; owned by wait
}

// watchEnd prepares attr for a start. The endWatch is good once that succeeded.
func watchEnd(attr *os.ProcAttr) *endWatch {
	w := &endWatch{pidfd: -1}
	attr.Sys = &syscall.SysProcAttr{PidFD: &w.pidfd}
	return w
}

// wait returns when the child has ended, or at once if it has no way to know:
// os.Process.Wait, which comes next, is right in both cases.
func (w *endWatch) wait(*os.Process) {
	if w.pidfd < 0 {
		return
	}
	if err := unix.SetNonblock(w.pidfd, true); err != nil {
		unix.Close(w.pidfd)
		return
	}
	// Being non-blocking is what makes NewFile put it into the poller.
	f := os.NewFile(uintptr(w.pidfd), "pidfd")
	defer f.Close()
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Read(func(fd uintptr) (ended bool) {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for {
			n, err := unix.Poll(p, 0)
			if err != unix.EINTR {
				return n > 0 || err != nil
			}
		}
	})
}
