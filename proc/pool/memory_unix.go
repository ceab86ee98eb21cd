//go:build unix

package pool

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func mapSegment(fd uintptr) ([]byte, error) {
	data, err := unix.Mmap(int(fd), 0, totalSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return data, os.NewSyscallError("mmap", err)
}

func unmapSegment(data []byte) { unix.Munmap(data) }

// newClock returns a clock that is the same in all processes of the machine.
func newClock() clock {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return clock{time.Now(), ts.Nano()}
}
