// Package iolib is the io library of Lua 5.1 and what of its os library touches
// the machine, over parts that the host chooses.
//
//	io.open, io.lines, os.remove ...  --> Host.Fs
//	io.read, io.write, io.stderr      --> Host.Stdin, Stdout, Stderr
//	os.getenv                         --> Host.Environ
//	io.popen, os.execute              --> a shell, where Host.Shell allows it
//	whatever blocks                   ends with Host.Context
//
//	script       file         in a userdata; collected when the script forgets it
//	              |
//	             stream       buffers; also in Host.open, so that it is flushed
//	              |           and closed even then
//	             afero.File, pipe of a command, reader or writer of the host
//
// Rules are those of the reference manual, 5.7 and 5.8; where it leaves things
// to C, those of PUC's lua5.1 with glibc in the C locale. Known differences:
//
//   - A zero byte is a byte like others when lines are read, and an "invalid
//     argument" in the name of a file. In C it ends either.
//   - What goes to Stdout and Stderr is never held back, whatever setvbuf said.
//   - A command doesn't see Stdin unless that is an *os.File.
//   - Writing to a command that is gone is an error, not the end of the program.
package iolib

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/afero"

	"luaspawn/luabind/internal/scarce"
)

// Host is what the libraries stand on. One Host belongs to one lua.LState. The
// zero Host reaches nothing of the machine but its clock and time zone.
//
// Commands inherit Stdin, Stdout and Stderr where these are an *os.File, or
// have a method File() *os.File that returns one. Else a command's input is at
// its end, and its output is copied to the writers, which must then be safe for
// concurrent use.
type Host struct {
	Fs             afero.Fs               // nil: an empty file system in memory
	Dir            string                 // where relative names of files begin; empty: where Fs begins
	CommandDir     string                 // where commands begin; empty: where this program is
	Stdin          io.Reader              // nil: at its end
	Stdout, Stderr io.Writer              // nil: discarded; one Write for each io.write
	Environ        []string               // "NAME=value", what os.getenv and commands see; nil: nothing
	Shell          bool                   // io.popen and os.execute are allowed
	Text           bool                   // files that are opened without "b", pipes and standard files are in text mode, see text.go
	Context        func() context.Context // of the run under way; nil: it never ends
	Attended       func() *News           // what the script attends to while it waits; nil, or one that returns nil: nothing
	Foreground     bool                   // commands share a terminal, and its signals, with this program
	Holding        func()                 // called when a file is opened that may hold back what is written to it, at the first one; nil: nothing is

	// Start starts a command by calling start, and is told when it was waited for; nil:
	// start is called.
	Start func(start func() (pid int, err error)) (reaped func(), err error)

	library  *library
	stdin    *stream   // see input
	stdout   *stream   // see output
	stderr   *stream   // see errors
	attended *attended // what context has returned last

	used    bool       // something may be open
	mu      sync.Mutex // what the script has forgotten is closed on other goroutines
	open    map[*stream]struct{}
	closing sync.WaitGroup // of those goroutines; only those add to it who take from open
}

// Path returns what leads to a file in Fs from its name for a script.
func (h *Host) Path(name string) string {
	if h.Dir != "" && name != "" && !os.IsPathSeparator(name[0]) && !filepath.IsAbs(name) {
		name = strings.TrimSuffix(h.Dir, "/") + "/" + name
	}
	if _, ok := h.Fs.(afero.FromIOFS); ok && name != "" { // such as embed.FS: "./x" and "/x" are no names to it
		name = strings.TrimLeft(path.Clean("/"+name), "/")
		if name == "" {
			name = "."
		}
	}
	return name
}

func (h *Host) fs() afero.Fs {
	if h.Fs == nil {
		h.Fs = afero.NewMemMapFs()
	}
	return h.Fs
}

// context is called by the goroutine of the script only.
func (h *Host) context() context.Context {
	ctx := context.Background()
	if h.Context != nil {
		ctx = h.Context()
	}
	if h.Attended != nil {
		if news := h.Attended(); news != nil {
			if h.attended == nil || h.attended.Context != ctx {
				h.attended = &attended{ctx, news}
			}
			return h.attended
		}
	}
	return ctx
}

// SetStdin lets what follows be read from r.
func (h *Host) SetStdin(r io.Reader) {
	h.Stdin = r
	s := h.input()
	s.reader = r
	s.seeker, _ = r.(io.Seeker)
}

// Input returns Stdin behind the buffer of io.stdin, for others that read it,
// such as debug.debug(). A Read ends with Context.
func (h *Host) Input() io.Reader { return hostInput{h} }

type hostInput struct{ host *Host }

func (i hostInput) Read(p []byte) (int, error) {
	s := i.host.input()
	if len(s.unread) == 0 {
		if err := s.fill(i.host.context()); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.unread)
	s.unread = s.unread[n:]
	return n, nil
}

// ReadInput returns what is left of Stdin, limit bytes at most, with what the buffer of
// io.stdin holds of it. It ends with Context.
func (h *Host) ReadInput(limit int64) (text string, err error) {
	text, _, err = h.input().readCount(h.context(), limit)
	return text, err
}

// ReadFile returns what is in a file of code, whose line ends are the compiler's matter. It ends with ctx, also where it waits for
// the other end of a named pipe.
func (h *Host) ReadFile(ctx context.Context, name string) (text string, err error) {
	s, err := scarce.Retry(nil, func() (*stream, error) { return h.openFile(ctx, name, "rb") })
	if err != nil {
		return "", err
	}
	defer s.closeHandle(ctx)
	text, _, err = s.readCount(ctx, -1)
	if h.Text && !strings.HasPrefix(text, "\x1b") {
		text, _, _ = strings.Cut(text, string(ctrlZ))
	}
	return text, err
}

// Flush writes out what the files of the script hold back. It is for the end of
// a run after which the engine lives on.
func (h *Host) Flush() error {
	if !h.used {
		return nil
	}
	streams := h.streams()
	h.used = len(streams) > 0
	ctx := h.context()
	var errs []error
	for _, s := range streams {
		s.mu.Lock()
		if !s.closed && !s.private {
			errs = append(errs, s.flush(ctx))
		}
		s.mu.Unlock()
	}
	return errors.Join(errs...)
}

// Salvage writes out what the files of the script hold back, while the script still
// runs: it is stopped, for ever, where it uses one of them next, as Close is. It returns when all
// is written, or ctx has ended. It is for a program that is about to exit; any
// goroutine may call it.
func (h *Host) Salvage(ctx context.Context) {
	var writing sync.WaitGroup
	for _, s := range h.streams() {
		writing.Go(func() {
			s.hold.Lock() // nobody unlocks it: what came later would be lost, or torn
			if len(s.unwritten) > 0 && !s.private {
				op := &operation{s: s, data: s.unwritten, done: make(chan struct{})}
				op.performApart()
			}
		})
	}
	written := make(chan struct{})
	go func() {
		writing.Wait()
		close(written)
	}()
	select {
	case <-written:
	case <-ctx.Done():
	}
}

// Close flushes and closes all files that the script has left open, and waits
// for its commands, as C does when a program ends. The Lua functions must not
// be called any more.
func (h *Host) Close() error {
	ctx := context.Background()
	var errs []error
	var commands []*stream
	for _, s := range h.streams() {
		switch {
		case !h.forget(s):
		case s.command != nil:
			commands = append(commands, s)
		default:
			errs = append(errs, s.abandon())
		}
	}
	// A command may wait for what was in a file, or in the pipe of another one.
	for _, s := range commands {
		errs = append(errs, s.closeHandle(ctx))
	}
	for _, s := range commands {
		s.command.wait(ctx)
	}
	h.closing.Wait()
	return errors.Join(errs...)
}

// remember keeps s until forget, so that what is in its buffer gets written.
func (h *Host) remember(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open == nil {
		h.open = map[*stream]struct{}{}
	}
	h.open[s] = struct{}{}
	h.used = true
	if h.Holding != nil && s.writer != nil {
		h.Holding()
		h.Holding = nil
	}
}

// forget says whether s was still remembered: only one closes it.
func (h *Host) forget(s *stream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.open[s]
	delete(h.open, s)
	return ok
}

// collect closes s, which the script can't reach any more. It runs on the
// goroutine of runtime.AddCleanup, where nothing may block.
func (h *Host) collect(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.open[s]; !ok {
		return
	}
	delete(h.open, s)
	closed := scarce.Closing()
	h.closing.Go(func() {
		s.mu.Lock()
		s.abandon()
		s.mu.Unlock()
		closed()
		if s.command != nil {
			s.command.wait(context.Background())
		}
	})
}

func (h *Host) streams() []*stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*stream, 0, len(h.open))
	for s := range h.open {
		list = append(list, s)
	}
	return list
}
