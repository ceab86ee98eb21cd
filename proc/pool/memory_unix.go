//go:build unix

package pool

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// openSegment maps the memory of a file, which stays the caller's.
func openSegment(f *os.File) (s *segment, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	cerr := conn.Control(func(fd uintptr) {
		var data []byte
		data, err = unix.Mmap(int(fd), 0, totalSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		err = os.NewSyscallError("mmap", err)
		s = &segment{data}
	})
	if cerr != nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *segment) unmap() {
	unix.Munmap(s.data)
	s.data = nil
}

// newClock returns a clock that is the same in all processes of the machine.
func newClock() clock {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return clock{time.Now(), ts.Nano()}
}
