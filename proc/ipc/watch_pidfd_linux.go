//go:build !portable

package ipc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// Pids have at most 22 bits on Linux (PID_MAX_LIMIT). A start is in clock ticks since the machine's.
const pidBits = 22

func (id identity) pid() int { return int(id & (1<<pidBits - 1)) }

func identifyMyself() (id identity, namespace uint64, err error) {
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/ns/pid", &st); err != nil {
		return 0, 0, fmt.Errorf("ipc: /proc is needed: %w", err)
	}
	id, err = identify(os.Getpid())
	return id, st.Ino, err
}

// identify returns who has pid now.
func identify(pid int) (identity, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	// pid (name) state ppid ...; the name may hold anything, the start is field 22.
	const afterName = 22 - 3
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) <= afterName {
		return 0, fmt.Errorf("ipc: /proc/%d/stat: %q", pid, b)
	}
	start, err := strconv.ParseUint(string(fields[afterName]), 10, 64)
	if err != nil {
		return 0, err
	}
	return identity(start<<pidBits | uint64(pid)), nil
}

// A watch calls a function at the end of a process: a pidfd, in the runtime's poller.
type watch struct {
	pidfd int
	file  *os.File
	sure  atomic.Bool // that pidfd is of the process, and not of one that has its number now
}

// begin begins it; alive is false if the process has ended.
func (w *watch) begin(id identity, over func()) (alive bool, err error) {
	fd, err := unix.PidfdOpen(id.pid(), 0)
	switch err {
	case nil:
	case unix.ESRCH, unix.EINVAL, unix.ENOENT: // none, or a thread has the number now
		return false, nil
	case unix.ENOSYS:
		return false, ErrUnsupported
	default:
		return false, os.NewSyscallError("pidfd_open", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return false, os.NewSyscallError("fcntl", err)
	}
	w.pidfd = fd
	if w.ended(id) {
		unix.Close(fd)
		return false, nil
	}
	w.file = os.NewFile(uintptr(fd), "pidfd")
	conn, err := w.file.SyscallConn()
	if err != nil {
		w.file.Close()
		return false, err
	}
	go w.await(conn, id, over)
	return true, nil
}

// await waits for the end, or until nobody watches any more.
func (w *watch) await(conn syscall.RawConn, id identity, over func()) {
	if conn.Read(func(uintptr) bool { return w.ended(id) }) != nil {
		return // closed by end
	}
	over()
}

func (w *watch) ended(id identity) bool {
	// Since pidfd is there the number can't pass to another one: is it still the same?
	// Until that can be seen, the end of who has the number is waited for.
	if !w.sure.Load() {
		if now, err := identify(id.pid()); err == nil && now != id {
			return true
		} else if err == nil {
			w.sure.Store(true)
		}
	}
	polled := []unix.PollFd{{Fd: int32(w.pidfd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(polled, 0)
		if err != unix.EINTR {
			return n > 0
		}
	}
}

func (w *watch) end(identity) { w.file.Close() }

// hasEnded says whether a process that can't be watched has ended, as far as that
// can be seen.
func hasEnded(id identity) bool {
	now, err := identify(id.pid())
	if err != nil {
		return unix.Kill(id.pid(), 0) == unix.ESRCH
	}
	return now != id
}
