//go:build unix

package socket

import (
	"context"
	"math"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/luabind/internal/scarce"
)

// Events, of poll(2).
const (
	pollIn      = unix.POLLIN
	pollOut     = unix.POLLOUT
	pollErr     = unix.POLLERR
	pollHup     = unix.POLLHUP
	pollInvalid = unix.POLLNVAL
)

// poller waits for events on a set of descriptors. The zero poller is ready
// for reset.
type poller struct {
	fds       []unix.PollFd // the first one is that of wake, the others were added
	wake      [2]*os.File   // a pipe; what is written to it ends a wait in poll(2); nil: none was needed yet
	ended     unix.PollFd   // of its end for reading: to ask the file each time is a system call each time
	wakeTimer *time.Timer   // writes to it
	parker
}

// reset empties the set.
func (p *poller) reset() { p.fds = append(p.fds[:0], unix.PollFd{Fd: -1}) }

// add puts a descriptor into the set.
func (p *poller) add(fd handle, events int16) {
	p.fds = append(p.fds, unix.PollFd{Fd: int32(fd), Events: events})
}

// happened returns the events of the descriptor that was added i-th, from 0.
func (p *poller) happened(i int) int16 { return p.fds[i+1].Revents }

// spin is how long a wait holds a thread, in poll(2), and doesn't look at
// its context. That is the fastest way to wait; but a program with a thousand
// engines that wait must not need a thousand threads, so then it parks. The end of
// that time is a timer of the runtime, cheaper to set for every wait than one of
// the kernel.
const spin = 10 * time.Millisecond

// wait returns how many descriptors of the set have events, as soon as there is
// one, or 0 after d; a negative d never ends. The error is that of ctx, or of
// the system.
func (p *poller) wait(ctx context.Context, d time.Duration) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if d >= 0 && d <= spin {
		return p.poll(d)
	}
	if err := p.openWake(); err != nil {
		return 0, err
	}
	var began time.Time
	if d > 0 {
		began = time.Now()
	}
	p.wakeTimer.Reset(spin)
	n, err := p.poll(-1)
	p.wakeTimer.Stop()
	for n == 0 && err == nil {
		rest := d
		if d > 0 {
			if rest = d - time.Since(began); rest <= 0 {
				return 0, nil
			}
		}
		if err = p.park(ctx, rest); err == nil {
			n, err = p.poll(0)
		}
	}
	return n, err
}

// poll is poll(2). It returns 0 also where wake has ended it.
func (p *poller) poll(d time.Duration) (int, error) {
	began := time.Now()
	for rest := d; ; {
		n, err := unix.Poll(p.fds, milliseconds(rest))
		if err == unix.EINTR {
			if d > 0 {
				rest = max(0, d-time.Since(began))
			}
			continue
		}
		if n > 0 && p.fds[0].Revents != 0 {
			p.wake[0].Read(make([]byte, 64))
			n--
		}
		return n, err
	}
}

// milliseconds converts for poll(2), upwards: a wait must not end too early.
func milliseconds(d time.Duration) int {
	if d < 0 {
		return -1
	}
	return int(min((d+time.Millisecond-1)/time.Millisecond, math.MaxInt32))
}

// openWake puts wake into the set.
func (p *poller) openWake() error {
	if p.wake[0] == nil {
		wake, err := scarce.Retry(nil, func() (ends [2]*os.File, err error) {
			ends[0], ends[1], err = os.Pipe()
			return ends, err
		})
		if err != nil {
			return err
		}
		p.wake = wake
		p.ended = unix.PollFd{Fd: int32(wake[0].Fd()), Events: pollIn}
		p.wakeTimer = time.AfterFunc(math.MaxInt64, p.interrupt)
	}
	p.fds[0] = p.ended
	return nil
}

// interrupt ends a wait in poll(2), or the next one if there is none. It may be
// called at any time.
func (p *poller) interrupt() { p.wake[1].Write([]byte{0}) }

// close frees what the poller holds; it is done with it.
func (p *poller) close() {
	if p.wakeTimer != nil {
		p.wakeTimer.Stop()
		p.wake[0].Close()
		p.wake[1].Close()
	}
	p.parker.close()
}
