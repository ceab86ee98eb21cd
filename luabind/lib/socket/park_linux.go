//go:build !portable

package socket

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/luabind/internal/scarce"
)

// parker is an epoll instance, which can itself be in the runtime's poller. The
// zero parker has none yet.
type parker struct {
	epoll int             // its descriptor, which belongs to file
	file  *os.File        // nil: there is none
	conn  syscall.RawConn // of file
}

// park waits as wait does, but without a thread, and may return early.
func (p *poller) park(ctx context.Context, d time.Duration) error {
	if err := p.parker.open(); err != nil {
		return err
	}
	fds := p.fds[1:]
	defer func() {
		for _, fd := range fds {
			unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, int(fd.Fd), nil) // an error where it isn't in
		}
	}()
	for _, fd := range fds {
		event := unix.EpollEvent{Events: uint32(fd.Events), Fd: fd.Fd}
		if err := unix.EpollCtl(p.epoll, unix.EPOLL_CTL_ADD, int(fd.Fd), &event); err != nil {
			return err
		}
	}
	var deadline time.Time // none
	if d >= 0 {
		deadline = time.Now().Add(d)
	}
	p.file.SetReadDeadline(deadline)
	// A context that ends late may end the next wait: early, which is allowed.
	stop := context.AfterFunc(ctx, func() { p.file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	err := p.conn.Read(func(epoll uintptr) bool {
		n, _ := unix.EpollWait(int(epoll), make([]unix.EpollEvent, 1), 0)
		return n != 0
	})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = ctx.Err()
	}
	return err
}

func (p *parker) open() error {
	if p.file != nil {
		return nil
	}
	fd, err := scarce.Retry(nil, func() (int, error) { return unix.EpollCreate1(unix.EPOLL_CLOEXEC) })
	if err != nil {
		return err
	}
	if err := unix.SetNonblock(fd, true); err != nil { // by which NewFile puts it into the poller
		unix.Close(fd)
		return err
	}
	file := os.NewFile(uintptr(fd), "sockets")
	conn, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return err
	}
	p.epoll, p.file, p.conn = fd, file, conn
	return nil
}

func (p *parker) close() {
	if p.file != nil {
		p.file.Close()
	}
}
