//go:build unix && (!linux || portable)

package ipc

import (
	"context"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A line is one end of a socket pair to which nobody writes: it can be read when nobody
// has the other end any more.
type line struct {
	file *os.File // in the runtime's poller
	conn syscall.RawConn
}

// lineFiles is how many files a line is sent as.
const lineFiles = 1

func newLine() (a, b *line, err error) {
	pair, err := socketPair(unix.SOCK_STREAM)
	if err != nil {
		return nil, nil, err
	}
	if a, err = lineOf(pair[0]); err != nil {
		unix.Close(pair[1])
		return nil, nil, err
	}
	if b, err = lineOf(pair[1]); err != nil {
		a.close()
		return nil, nil, err
	}
	return a, b, nil
}

func lineOf(fd int) (*line, error) {
	l := &line{file: os.NewFile(uintptr(fd), "line")}
	var err error
	if l.conn, err = l.file.SyscallConn(); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// openLine takes over the files of one.
func openLine(files []*os.File) (*line, error) {
	fd, err := takeDescriptor(files[0])
	if err != nil {
		return nil, err
	}
	return lineOf(fd)
}

// files returns what another process opens it by.
func (l *line) files() ([]*os.File, error) {
	f, err := dupFile(l.file)
	if err != nil {
		return nil, err
	}
	return []*os.File{f}, nil
}

// ended reports whether nobody has the other end. It is so too where this one is closed.
func (l *line) ended() (is bool) {
	err := l.conn.Control(func(fd uintptr) { is = pollIn(int(fd), 0) })
	return is || err != nil
}

// watch calls over when nobody has the other end, unless this one is closed before.
func (l *line) watch(over func()) {
	go func() {
		if l.conn.Read(func(fd uintptr) bool { return pollIn(int(fd), 0) }) == nil {
			over()
		}
	}()
}

// fd returns its descriptor, -1 where it is closed.
func (l *line) fd() int {
	fd := -1
	l.conn.Control(func(is uintptr) { fd = int(is) })
	return fd
}

func (l *line) close() { l.file.Close() }

// pollIn reports whether fd can be read, or will be within a time.
func pollIn(fd int, within time.Duration) bool {
	polled := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(polled, int(within.Milliseconds()))
		if err != unix.EINTR {
			return n > 0
		}
	}
}

// AwaitDescriptor returns when a descriptor has something to be read, or with the
// error of ctx.
func AwaitDescriptor(ctx context.Context, fd int) error {
	const betweenLooks = 20 * time.Millisecond // at ctx, which holds a thread
	if fd < 0 {
		return ErrClosed // to poll it is one of which nothing is asked
	}
	for !pollIn(fd, 0) {
		if err := ctx.Err(); err != nil {
			return err
		}
		pollIn(fd, betweenLooks)
	}
	return nil
}
