package socket

import (
	"context"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Events, of WSAPoll.
const (
	pollErr     = 0x1
	pollHup     = 0x2
	pollInvalid = 0x4
	pollOut     = 0x10
	pollIn      = 0x300
)

// pollFd is WSAPOLLFD.
type pollFd struct {
	fd      handle
	events  int16
	revents int16
}

// poller waits for events on a set of descriptors. The zero poller is ready
// for reset.
type poller struct{ fds []pollFd }

// reset empties the set.
func (p *poller) reset() { p.fds = p.fds[:0] }

// add puts a descriptor into the set.
func (p *poller) add(fd handle, events int16) {
	p.fds = append(p.fds, pollFd{fd: fd, events: events})
}

// happened returns the events of the descriptor that was added i-th, from 0.
func (p *poller) happened(i int) int16 { return p.fds[i].revents }

// slice is how long a wait goes on without a look at its context: WSAPoll can't
// wait for anything but sockets.
const slice = 50 * time.Millisecond

// wait returns how many descriptors of the set have events, as soon as there is
// one, or 0 after d; a negative d never ends. The error is that of ctx, or of
// the system.
func (p *poller) wait(ctx context.Context, d time.Duration) (int, error) {
	var deadline time.Time
	if d > 0 {
		deadline = time.Now().Add(d)
	}
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		next := slice
		if d >= 0 {
			next = min(d, slice)
		}
		n, err := p.poll(next)
		if n > 0 || err != nil || d == 0 {
			return n, err
		}
		if d > 0 {
			if d = time.Until(deadline); d <= 0 {
				return 0, nil
			}
		}
	}
}

func (p *poller) poll(d time.Duration) (int, error) {
	if len(p.fds) == 0 { // an error for WSAPoll
		time.Sleep(d)
		return 0, nil
	}
	n, err := wsaPoll(p.fds, (d+time.Millisecond-1)/time.Millisecond)
	if n == 0 && err == nil {
		n = p.failed()
	}
	return n, err
}

// wsaPoll is the system's, but in tests.
var wsaPoll = func(fds []pollFd, milliseconds time.Duration) (int, error) {
	r, _, err := procWSAPoll.Call(uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), uintptr(milliseconds))
	if int32(r) < 0 {
		return 0, err
	}
	return int(r), nil
}

// failed looks for connections that could not be made, and returns how many there are. Before version 2004 of Windows 10, as on
// Windows Server 2019, WSAPoll tells nothing of them: who waited for one would wait for ever. select does.
func (p *poller) failed() (n int) {
	for from := 0; from < len(p.fds); from += setLimit {
		var set fdSet
		part := p.fds[from:min(from+setLimit, len(p.fds))]
		for _, f := range part {
			if f.events&pollOut != 0 {
				set.sockets[set.count] = f.fd
				set.count++
			}
		}
		if set.count == 0 {
			continue
		}
		var none windows.Timeval
		r, _, _ := procSelect.Call(0, 0, 0, uintptr(unsafe.Pointer(&set)), uintptr(unsafe.Pointer(&none)))
		if int32(r) <= 0 {
			continue
		}
		for i := range part {
			if !slices.Contains(set.sockets[:set.count], part[i].fd) {
				continue
			}
			if _, err := peerAddress(part[i].fd); err != nil { // else it is connected, and something urgent has come
				part[i].revents = pollErr
				n++
			}
		}
	}
	return n
}

// setLimit is FD_SETSIZE.
const setLimit = 64

// fdSet is fd_set.
type fdSet struct {
	count   uint32
	sockets [setLimit]handle
}

// close frees what the poller holds; it is done with it.
func (p *poller) close() {}
