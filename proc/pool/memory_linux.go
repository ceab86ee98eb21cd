package pool

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// newSegment returns memory to be shared, and the file of it for the worker.
func newSegment() (*segment, *os.File, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate("luaspawn worker", flags|unix.MFD_NOEXEC_SEAL) // Linux 6.3 complains without
	if err == unix.EINVAL {
		fd, err = unix.MemfdCreate("luaspawn worker", flags)
	}
	if err != nil {
		return nil, nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "worker")
	if err := unix.Ftruncate(fd, totalSize); err != nil {
		f.Close()
		return nil, nil, os.NewSyscallError("ftruncate", err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW); err != nil {
		f.Close()
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	s, err := openSegment(f)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return s, f, nil
}

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

// newBell returns an eventfd for who sleeps in the runtime's poller.
func newBell() (*os.File, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("eventfd", err)
	}
	return os.NewFile(uintptr(fd), "pool's bell"), nil
}

// newWorkerBell returns an eventfd for one who sleeps in the kernel, twice.
func newWorkerBell() (ours, theirs *os.File, err error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return nil, nil, os.NewSyscallError("eventfd", err)
	}
	ours = os.NewFile(uintptr(fd), "worker's bell")
	second, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		ours.Close()
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	return ours, os.NewFile(uintptr(second), "worker's bell"), nil
}

// ringBell wakes who sleeps at a bell.
func ringBell(f *os.File) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) { ringDescriptor(int(fd)) })
}

func ringDescriptor(fd int) {
	one := [8]byte{1}
	for {
		if _, err := unix.Write(fd, one[:]); err != unix.EINTR {
			return
		}
	}
}

// awaitBell sleeps until a worker's bell rings.
func awaitBell(fd int) {
	var count [8]byte
	for {
		if _, err := unix.Read(fd, count[:]); err != unix.EINTR {
			return
		}
	}
}

// newClock returns a clock that is the same in all processes of the machine.
func newClock() clock {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return clock{time.Now(), ts.Nano()}
}

// yield lets others have the processor, if there are any.
func yield() { unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
