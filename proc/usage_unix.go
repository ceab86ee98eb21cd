//go:build unix

package proc

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// usageOf returns the processor time of a process that has ended, and how many bytes of
// memory it had at most.
func usageOf(state *os.ProcessState) (processor time.Duration, memory int64) {
	if u, ok := state.SysUsage().(*syscall.Rusage); ok {
		memory = inBytes(u.Maxrss)
	}
	return state.UserTime() + state.SystemTime(), memory
}

// OwnUsage returns the same of this process so far.
func OwnUsage() (processor time.Duration, memory int64) {
	var u unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), inBytes(int64(u.Maxrss))
}

// inBytes returns ru_maxrss in bytes.
func inBytes(rss int64) int64 {
	return rss * rssUnit
}
