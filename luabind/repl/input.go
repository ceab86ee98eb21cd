package repl

import (
	"bytes"
	"io"
	"os"
	"sync"
	"time"
)

// input is where the prompt, and scripts between two prompts, read. What was read
// ahead belongs to whoever reads next. One goroutine reads at a time.
type input interface {
	io.Reader
	ReadByte() (byte, error)
	Pending() bool               // a byte can be had without waiting
	SetDeadline(time.Time) error // in the past: whoever waits gets os.ErrDeadlineExceeded; zero: that is over
}

// terminalInput is an input that may be a terminal of this machine.
type terminalInput interface {
	input
	interrupted() bool // a Ctrl-C is among what was typed ahead, and dropped with all before it
	Close()
}

// fileInput reads a file that can't be given a deadline, such as a terminal.
type fileInput struct {
	file        *os.File
	wake, waker *os.File // a pipe with something in it, once the deadline is over
	readAhead

	mu   sync.Mutex
	over bool
}

func newFileInput(f *os.File) (*fileInput, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &fileInput{file: f, wake: r, waker: w}, nil
}

func (in *fileInput) Close() {
	in.wake.Close()
	in.waker.Close()
}

// File is what commands of the script inherit.
func (in *fileInput) File() *os.File { return in.file }

func (in *fileInput) ReadByte() (byte, error) { return in.takeByte(in.readFile) }

func (in *fileInput) Read(p []byte) (int, error) { return in.take(p, in.readFile) }

func (in *fileInput) readFile(p []byte) (int, error) {
	ready, err := awaitReadable(in.file, in.wake, true)
	if err != nil {
		return 0, err
	}
	if !ready {
		return 0, os.ErrDeadlineExceeded
	}
	return in.file.Read(p)
}

func (in *fileInput) Pending() bool {
	if len(in.unread) > 0 {
		return true
	}
	ready, err := awaitReadable(in.file, in.wake, false)
	return ready && err == nil
}

// interrupted drops what a terminal would drop at a Ctrl-C. It is for the moment when the terminal begins
// to look for it.
func (in *fileInput) interrupted() bool {
	for ready, err := awaitReadable(in.file, in.wake, false); ready && err == nil && len(in.unread) < maxAhead; ready, err = awaitReadable(in.file, in.wake, false) {
		b := make([]byte, 4096)
		n, err := in.file.Read(b)
		in.unread = append(in.unread, b[:n]...)
		if n == 0 || err != nil {
			break
		}
	}
	return in.dropInterrupted()
}

// readAhead is what was read of a terminal and nobody has taken yet.
type readAhead struct{ unread []byte }

// takeByte returns the next byte; read reads more, where there is none.
func (a *readAhead) takeByte(read func([]byte) (int, error)) (byte, error) {
	if len(a.unread) == 0 {
		b := make([]byte, 4096)
		n, err := read(b)
		if n == 0 {
			return 0, err
		}
		a.unread = b[:n]
	}
	c := a.unread[0]
	a.unread = a.unread[1:]
	return c, nil
}

// take takes as much as p holds, for who doesn't edit; read reads, where there is nothing.
func (a *readAhead) take(p []byte, read func([]byte) (int, error)) (int, error) {
	if len(a.unread) == 0 {
		return read(p)
	}
	n := copy(p, a.unread)
	a.unread = a.unread[n:]
	for i, c := range p[:n] {
		if c == '\r' { // Enter, while the terminal translated nothing
			p[i] = '\n'
		}
	}
	return n, nil
}

// dropInterrupted drops the last Ctrl-C, with all before it, and says whether there
// was one.
func (a *readAhead) dropInterrupted() bool {
	i := bytes.LastIndexByte(a.unread, ctrlC)
	a.unread = a.unread[i+1:]
	return i >= 0
}

func (in *fileInput) SetDeadline(t time.Time) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	over := !t.IsZero() && !t.After(time.Now())
	if over == in.over {
		return nil
	}
	in.over = over
	var err error
	if over {
		_, err = in.waker.Write([]byte{0})
	} else {
		_, err = in.wake.Read(make([]byte, 1))
	}
	return err
}

// streamInput reads from any Reader, on a goroutine of its own that runs ahead:
// only so does it see a Ctrl-C while a script runs.
type streamInput struct {
	from      io.Reader
	interrupt func() bool // a Ctrl-C has come; true: it is taken
	ended     func(error) // is called at the end, on the goroutine that reads

	begin  sync.Once
	mu     sync.Mutex
	change sync.Cond
	unread []byte
	err    error
	over   bool
}

func newStreamInput(r io.Reader, interrupt func() bool) *streamInput {
	in := &streamInput{from: r, interrupt: interrupt}
	in.change.L = &in.mu
	return in
}

// maxAhead is how many bytes are read ahead.
const maxAhead = 1 << 20

func (in *streamInput) run() {
	b := make([]byte, 4096)
	for {
		n, err := in.from.Read(b)
		in.mu.Lock()
		for _, c := range b[:n] {
			if c != ctrlC || !in.interrupt() {
				in.unread = append(in.unread, c)
			}
		}
		in.err = err
		in.change.Broadcast()
		for len(in.unread) > maxAhead {
			in.change.Wait()
		}
		in.mu.Unlock()
		if err != nil {
			in.ended(err)
			return
		}
	}
}

const ctrlC = 3

func (in *streamInput) ReadByte() (byte, error) {
	var b [1]byte
	_, err := in.Read(b[:])
	return b[0], err
}

func (in *streamInput) Read(p []byte) (int, error) {
	in.begin.Do(func() { go in.run() })
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.unread) == 0 {
		if in.over {
			return 0, os.ErrDeadlineExceeded
		}
		if in.err != nil {
			return 0, in.err
		}
		in.change.Wait()
	}
	n := copy(p, in.unread)
	in.unread = in.unread[n:]
	in.change.Broadcast()
	return n, nil
}

func (in *streamInput) Pending() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.unread) > 0
}

func (in *streamInput) SetDeadline(t time.Time) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.over = !t.IsZero() && !t.After(time.Now())
	in.change.Broadcast()
	return nil
}
