package iolib

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"syscall"
)

const bufferSize = 16 << 10

// errBusy is why a file isn't used by a handler that is called while the script waits for it.
var errBusy = errors.New("attempt to use a file that is being read or written")

// stream is what C calls a FILE: one position for reading and writing, with a
// buffer for each. At any time one of the two is empty.
//
// It knows nothing of the userdata that stands for it in Lua, so that it can be
// flushed and closed when that one was collected.
type stream struct {
	reader  io.Reader    // nil: opened for writing only
	writer  io.Writer    // nil: opened for reading only
	seeker  io.Seeker    // nil: can't seek
	handle  io.Closer    // nil: a standard file, which can't be closed
	command *command     // at the other end of a pipe; nil: none
	appends bool         // writes go to the end of the file, wherever it has got to
	remove  func() error // for after the end, of a temporary file; nil: nothing to do
	private bool         // nobody else ever sees what is in it: it is written only where the script asks for it

	text text

	buffer []byte // for reading; nil before the first read
	unread []byte // what of it is still to be taken
	late   error  // came together with the last bytes, to be seen after them

	unwritten []byte
	limit     int  // of unwritten; 0: nothing is held back when a write ends
	byLine    bool // nor when there was a newline in it

	busy     bool       // a handler runs while it waits
	prompt   *bool      // its operations end by themselves, soon; nil: nobody has looked
	underway *operation // that was left behind when a context ended; nil: none
	closed   bool

	mu   sync.Mutex // for Host.Flush, and for closing what the script has forgotten
	hold sync.Mutex // of unwritten, for Host.Salvage
}

// fill reads more into unread, which is empty. io.EOF: there is no more.
func (s *stream) fill(ctx context.Context) error {
	if s.reader == nil {
		return syscall.EBADF
	}
	if s.busy {
		return errBusy
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	for range 100 { // as many as bufio allows a reader that has nothing to say
		if err := s.late; err != nil {
			s.late = nil
			return err
		}
		if s.text.ended {
			return io.EOF
		}
		s.text.forget()
		if s.buffer == nil {
			s.buffer = make([]byte, bufferSize)
		}
		if err := s.do(ctx, &operation{s: s, read: true, data: s.buffer}); err != nil || len(s.unread) > 0 {
			return err
		}
	}
	return io.ErrNoProgress
}

// prepareWrite comes before unwritten is appended to, spill after each piece,
// and wrote when all that belongs together is there. From the first piece on hold
// is locked.
func (s *stream) prepareWrite(ctx context.Context) error {
	if s.writer == nil {
		return syscall.EBADF
	}
	if len(s.ahead()) == 0 || s.seeker == nil {
		return nil
	}
	_, err := s.seek(ctx, 0, io.SeekCurrent) // puts the file where the script believes it
	if errors.Is(err, syscall.ESPIPE) {
		return nil // the two directions of a terminal, say
	}
	return err
}

func (s *stream) spill(ctx context.Context) error {
	if s.limit == 0 || len(s.unwritten) < s.limit {
		return nil
	}
	return s.flushHeld(ctx)
}

func (s *stream) wrote(ctx context.Context) error {
	if s.limit == 0 || s.byLine && slices.Contains(s.unwritten, '\n') {
		return s.flushHeld(ctx)
	}
	return nil
}

// flush writes out what was held back. What can't be written is lost.
func (s *stream) flush(ctx context.Context) error {
	if s.busy { // and hold may be locked
		return errBusy
	}
	s.hold.Lock()
	defer s.hold.Unlock()
	return s.flushHeld(ctx)
}

// flushHeld is flush where hold is locked.
func (s *stream) flushHeld(ctx context.Context) error {
	b := s.unwritten
	if len(b) == 0 {
		return nil
	}
	s.unwritten = nil // belongs to the operation until that has ended
	err := s.do(ctx, &operation{s: s, data: b})
	if s.underway == nil && cap(b) <= 4*bufferSize {
		s.unwritten = b[:0]
	}
	return err
}

// holeLimit is how far beyond the end a file outside the operating system may
// be written: in memory a hole takes as much room as anything else.
const holeLimit = 256 << 20

// seek moves the position, as C's fseek does, and returns it.
func (s *stream) seek(ctx context.Context, offset int64, whence int) (int64, error) {
	if s.seeker == nil {
		return 0, syscall.ESPIPE
	}
	if err := s.await(ctx); err != nil {
		return 0, err
	}
	if err := s.flush(ctx); err != nil {
		return 0, err
	}
	at, err := s.seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	at -= int64(len(s.ahead()))
	end := at
	if _, ok := s.seeker.(*os.File); whence == io.SeekEnd || !ok {
		if end, err = s.seeker.Seek(0, io.SeekEnd); err != nil {
			return 0, err
		}
	}
	target := offset
	switch whence {
	case io.SeekCurrent:
		target += at
	case io.SeekEnd:
		target += end
	}
	_, isOs := s.seeker.(*os.File)
	switch {
	case target < 0:
		err = syscall.EINVAL
	case target > end+holeLimit && !isOs:
		err = syscall.EFBIG
	}
	if err != nil {
		target = at
	}
	s.unread, s.late, s.text = nil, nil, text{on: s.text.on}
	if _, again := s.seeker.Seek(target, io.SeekStart); err == nil {
		err = again
	}
	return target, err
}

// close flushes and closes the file, calls closed, and waits for the command at its other end. Where a handler raises an
// error while something is written, the file stays open.
func (s *stream) close(ctx context.Context, closed func()) error {
	var err error
	if op := s.underway; op != nil && !op.read { // of a write, or another close, that ended so
		err = s.await(ctx)
	}
	if closing := s.closeHandle(ctx); err == nil {
		err = closing
	}
	closed()
	if s.command != nil {
		s.command.wait(ctx)
		if ctx.Err() != nil {
			return &endedError{ctx}
		}
	}
	return err
}

// abandon closes a file that the script has left open.
func (s *stream) abandon() error {
	if s.private {
		s.hold.Lock()
		s.unwritten = nil
		s.hold.Unlock()
	}
	return s.closeHandle(context.Background())
}

func (s *stream) closeHandle(ctx context.Context) error {
	s.hold.Lock()
	defer s.hold.Unlock()
	err := s.flushHeld(ctx)
	s.closed = true
	if closing := s.handle.Close(); err == nil {
		err = closing
	}
	if s.remove != nil {
		s.remove()
	}
	s.buffer, s.unread, s.unwritten, s.text = nil, nil, nil, text{}
	return err
}
