package luabind

import (
	"bytes"
	"io"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
)

// output is a writer that takes whole pieces: what one Write gets stays
// together, among goroutines by a mutex, among processes, once share was
// called, by a lock on the file.
type output struct {
	w      io.Writer
	file   *os.File // w, where it is one, or what commands write to in place of w
	whole  bool     // w keeps what one Write gets together itself
	mu     sync.Mutex
	asked  atomic.Bool // whether writes to the file may be torn
	shared atomic.Bool
	muted  atomic.Bool
	lines  bool   // what has no end of line yet is kept back
	line   []byte // which is this
}

func newOutput(w io.Writer) *output {
	if w == nil {
		w = io.Discard
	}
	file, _ := w.(*os.File)
	return &output{w: w, file: file}
}

// File returns the file behind o, which commands inherit; nil: there is none.
func (o *output) File() *os.File { return o.file }

func (o *output) writer() io.Writer {
	switch {
	case o.whole:
		return o.w
	case o.file != nil:
		return o.file
	}
	return o
}

// redirect lets o write to w from now on, which is safe for concurrent use.
func (o *output) redirect(w io.Writer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.w, o.whole, o.file = w, true, nil
	o.asked.Store(false)
	o.shared.Store(false)
	if f, ok := w.(interface{ File() *os.File }); ok {
		o.file = f.File()
	}
}

// share is called when other processes begin to write to the same file.
func (o *output) share() {
	if o.file != nil && !o.whole && !o.asked.Swap(true) && tearsWrites(o.file) {
		o.shared.Store(true)
	}
}

func (o *output) Write(b []byte) (int, error) {
	if o.muted.Load() {
		return len(b), nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.lines {
		return o.write(b)
	}
	end := bytes.LastIndexByte(b, '\n') + 1
	if end == 0 && len(o.line)+len(b) < maxLine {
		o.line = append(o.line, b...)
		return len(b), nil
	}
	if end == 0 {
		end = len(b)
	}
	whole := append(o.line, b[:end]...)
	o.line = append([]byte(nil), b[end:]...)
	if _, err := o.write(whole); err != nil {
		return 0, err
	}
	return len(b), nil
}

// maxLine is how many bytes of a line are kept back.
const maxLine = 64 << 10

// flush writes the line that was kept back.
func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.line) > 0 {
		o.write(o.line)
		o.line = nil
	}
}

func (o *output) write(b []byte) (int, error) {
	if o.shared.Load() {
		// Where the lock can't be had, a line may be torn, but not lost.
		if err := lockFile(o.file); err == nil {
			defer unlockFile(o.file)
		}
	}
	return o.w.Write(b)
}

// equal says whether a and b are the same. Some values can't be compared, of types
// whose other values can; they count as different.
func equal(a, b any) bool {
	return a != nil && reflect.ValueOf(a).Comparable() && a == b
}
