//go:build !portable

package proc

import "golang.org/x/sys/unix"

// yield lets others have the processor that this thread is on.
func yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
