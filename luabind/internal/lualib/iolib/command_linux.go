package iolib

import (
	"os"

	"golang.org/x/sys/unix"
)

// awaitEnd returns when a process has ended. It is not reaped: its number, which may
// be that of a group, is nobody else's yet.
func awaitEnd(p *os.Process) bool {
	for {
		err := unix.Waitid(unix.P_PID, p.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return err == nil
		}
	}
}
