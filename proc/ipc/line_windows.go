package ipc

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/windows"

	"luaspawn/proc/internal/fds"
)

var peekNamedPipe = windows.NewLazySystemDLL("kernel32.dll").NewProc("PeekNamedPipe")

// A line is one end of two pipes, one each way, to which nobody writes: one is broken when nobody
// has the other end any more.
type line struct {
	in, out int
	mu      sync.Mutex    // of whoever looks at in, or closes it
	gone    chan struct{} // closed by close
}

// lineFiles is how many files a line is sent as.
const lineFiles = 2

func newLine() (a, b *line, err error) {
	var h [4]windows.Handle
	for i := 0; i < len(h); i += 2 {
		if err := windows.CreatePipe(&h[i], &h[i+1], nil, 1); err != nil {
			for _, h := range h[:i] {
				windows.CloseHandle(h)
			}
			return nil, nil, os.NewSyscallError("CreatePipe", err)
		}
	}
	return lineOf(int(h[0]), int(h[3])), lineOf(int(h[2]), int(h[1])), nil
}

func lineOf(in, out int) *line { return &line{in: in, out: out, gone: make(chan struct{})} }

// openLine takes over the files of one.
func openLine(files []*os.File) (*line, error) {
	in, err := takeDescriptor(files[0])
	if err != nil {
		files[1].Close()
		return nil, err
	}
	out, err := takeDescriptor(files[1])
	if err != nil {
		closeDescriptor(in)
		return nil, err
	}
	return lineOf(in, out), nil
}

// files returns what another process opens it by.
func (l *line) files() ([]*os.File, error) {
	in, err := duplicate(l.in, "line")
	if err != nil {
		return nil, ErrClosed
	}
	out, err := duplicate(l.out, "line")
	if err != nil {
		in.Close()
		return nil, err
	}
	return []*os.File{in, out}, nil
}

// ended reports whether nobody has the other end. It is so too where this one is closed.
func (l *line) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.gone:
		return true
	default:
	}
	ok, _, err := peekNamedPipe.Call(uintptr(l.in), 0, 0, 0, 0, 0)
	return ok == 0 && errors.Is(err, windows.ERROR_BROKEN_PIPE)
}

// watch calls over when nobody has the other end, unless this one is closed before. The system
// tells that only to who reads, and that would hold a thread, and all who look.
func (l *line) watch(over func()) {
	const betweenLooks = 10 * time.Millisecond
	go func() {
		look := time.NewTicker(betweenLooks)
		defer look.Stop()
		for {
			select {
			case <-l.gone:
				return
			case <-look.C:
				if l.ended() {
					over()
					return
				}
			}
		}
	}()
}

// fd returns its descriptor, -1 where it is closed.
func (l *line) fd() int {
	select {
	case <-l.gone:
		return -1
	default:
		return l.in
	}
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.gone)
	closeDescriptor(l.in)
	closeDescriptor(l.out)
}

// AwaitDescriptor returns when a socket has something to be read, or with the error of ctx.
func AwaitDescriptor(ctx context.Context, fd int) error {
	if fd < 0 {
		return ErrClosed
	}
	return fds.AwaitSocket(ctx, fd)
}
