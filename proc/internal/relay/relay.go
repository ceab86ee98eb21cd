// Package relay is how luaspawnd and the processes of its machine talk to each other: in frames, through a
// pipe.
//
//	script  <---> luaspawnd bridge      packets of sessions, and who is there
//	host    <---> luaspawnd worker      messages of a session, and beats
//
// Long packets of a script are in memory that script and bridge share, see [Slots]; long messages of a host are in
// files.
//
// luaspawnd imports NATS; script and host, which start children, don't.
package relay

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"luaspawn/proc/internal/session"
)

// Format is the version of what a script and a worker say to each other.
const Format = "3"

// A frame is
//
//	frame = length kind id data      4 bytes, which count the rest; 1, 16
//
// The kinds are
const (
	// Of a script.
	Connect = 'c' // data is Fields: where, and how
	Packet  = 'p' // to the worker id; a bridge sends them too, of anybody
	Placed  = 'P' // a Packet that is in a slot; data is the place, see Slots
	Ask     = 'a' // who is there?

	// Of a bridge.
	Here   = 'h' // the worker id is there; data is Fields of it
	Gone   = 'g' // the worker id has lost its connection, or says that it ends
	Status = 's' // data is Fields: connected, address, error
	Shares = 'S' // the bridge takes Placed

	// Of a host and its luaspawnd.
	Message = 'm'
	Long    = 'l' // a message comes in parts; data is its length, 4 bytes
	Part    = 'q'
	Body    = 'B' // data is the beginning of a message; the rest is the next body in the pipe of bodies
	Bodies  = 'C' // the host takes Body
	Beat    = 'b' // luaspawnd lives; data is the lease, 8 bytes of nanoseconds
)

// HostVariable is set in the environment of a program that luaspawnd starts as a host: its standard input and output lead
// to luaspawnd. BodiesVariable says how many files, from descriptor 3 on, make up the pipe of bodies.
const (
	HostVariable   = "LUASPAWN_HOST"
	BodiesVariable = "LUASPAWN_HOST_BODIES"
)

// A Frame is a frame that was read, or is to be written.
type Frame struct {
	Kind byte
	ID   session.ID
	Data []byte

	// Set by Messages. If Spool isn't nil it has the data, and Data has only their beginning. If Lost isn't nil the rest
	// of the data is lost.
	Spool io.Writer
	Lost  error
}

const (
	headSize  = 1 + len(session.ID{})
	maxFrame  = 1<<30 + 1<<10
	firstRoom = 8 << 20
)

// ErrFrame is the error of bytes that are no frame.
var ErrFrame = errors.New("relay: this is no frame")

// Append appends a frame.
func (f Frame) Append(b []byte) []byte { return append(f.appendHead(b), f.Data...) }

func (f Frame) appendHead(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(headSize+len(f.Data)))
	return append(append(b, f.Kind), f.ID[:]...)
}

// smallFrames is up to how many bytes a frame is copied, so that it is written together with others.
const smallFrames = 16 << 10

// NewReader returns a reader for Read. Its buffer is for small frames: the data of large ones goes directly to its
// place.
func NewReader(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 16<<10) }

// Read reads a frame. The error is io.EOF if the other side has ended between two frames.
func Read(r *bufio.Reader) (f Frame, err error) { return ReadTo(nil, r) }

// ReadTo is like Read, but puts the data into room if that is large enough.
func ReadTo(room []byte, r *bufio.Reader) (f Frame, err error) {
	f, size, err := readHead(r)
	if err != nil {
		return f, err
	}
	if size <= cap(room) {
		f.Data = room[:size]
	} else { // memory only for what comes, about
		f.Data = make([]byte, min(size, firstRoom))
	}
	for at := 0; ; {
		if _, err = io.ReadFull(r, f.Data[at:]); err != nil {
			return f, unexpected(err)
		}
		if at = len(f.Data); at == size {
			return f, nil
		}
		more := make([]byte, min(size, 8*at))
		copy(more, f.Data)
		f.Data = more
	}
}

// readHead reads the head of a frame, and returns how many bytes of data follow.
func readHead(r *bufio.Reader) (f Frame, size int, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return f, 0, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n < uint32(headSize) || n > maxFrame {
		return f, 0, fmt.Errorf("%w: %d bytes", ErrFrame, n)
	}
	if f.Kind, err = r.ReadByte(); err != nil {
		return f, 0, unexpected(err)
	}
	_, err = io.ReadFull(r, f.ID[:])
	return f, int(n) - headSize, unexpected(err)
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Fields are names with values, both of them text.
type Fields map[string]string

// Bytes returns the fields as lines name=value, in the order of the names.
func (f Fields) Bytes() []byte {
	names := make([]string, 0, len(f))
	for name := range f {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	line := strings.NewReplacer("\n", " ", "\r", " ")
	for _, name := range names {
		b.WriteString(name + "=" + line.Replace(f[name]) + "\n")
	}
	return []byte(b.String())
}

// ParseFields reads what [Fields.Bytes] has returned. It leaves out lines of another form.
func ParseFields(b []byte) Fields {
	f := Fields{}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			f[name] = value
		}
	}
	return f
}

// A Writer writes frames in a goroutine of its own, so that Put doesn't wait.
type Writer struct {
	mu     sync.Mutex
	cond   sync.Cond
	queue  [][]byte
	before []before
	size   int // bytes in it
	most   int // bytes
	closed bool
	done   chan struct{}
	slots  atomic.Pointer[Slots] // for Packet; nil: there are none
}

// before is something that is to be done before the frame at a place of the queue is written.
type before struct {
	at int
	do func() error
}

// NewWriter returns a writer to w. It holds most bytes that are to be written, any number if most is 0, and drops frames
// beyond that. When w fails, or the writer was closed and has written everything, it closes w.
func NewWriter(w io.WriteCloser, most int) *Writer {
	q := &Writer{most: most, done: make(chan struct{})}
	q.cond.L = &q.mu
	go func() {
		defer close(q.done)
		defer w.Close()
		wide := false
		for {
			q.mu.Lock()
			for len(q.queue) == 0 && !q.closed {
				q.cond.Wait()
			}
			list, todo, size := q.queue, q.before, q.size
			q.queue, q.before, q.size = nil, nil, 0
			q.cond.Broadcast()
			q.mu.Unlock()
			if len(list) == 0 {
				return
			}
			if !wide && size > usualPipe {
				widen(w)
				wide = true
			}
			if err := writeAfter(w, list, todo); err != nil {
				q.mu.Lock()
				q.closed, q.queue, q.before, q.size = true, nil, nil, 0
				q.cond.Broadcast()
				q.mu.Unlock()
				return
			}
		}
	}()
	return q
}

func writeAfter(w io.Writer, list [][]byte, todo []before) error {
	at := 0
	for _, b := range todo {
		if b.at > at {
			if err := writeAll(w, list[at:b.at]); err != nil {
				return err
			}
			at = b.at
		}
		if err := b.do(); err != nil {
			return err
		}
	}
	return writeAll(w, list[at:])
}

func writeEach(w io.Writer, list [][]byte) error {
	for _, b := range list {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// Put hands over a frame, the data of which nobody may change any more, and reports whether it was taken.
func (q *Writer) Put(f Frame) bool { return q.PutAfter(nil, f) }

// PutAfter puts a frame. When all earlier frames are written the writer calls do, and writes the frame then. If do returns an
// error, nothing more is written.
func (q *Writer) PutAfter(do func() error, f Frame) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.most > 0 && q.size > 0 && q.size+len(f.Data) > q.most {
		return false
	}
	if do != nil {
		q.before = append(q.before, before{len(q.queue), do})
		q.queue = append(q.queue, nil)
	}
	n := len(q.queue)
	if n == 0 || len(q.queue[n-1]) > smallFrames {
		q.queue = append(q.queue, nil)
		n++
	}
	if small := &q.queue[n-1]; len(f.Data) <= smallFrames {
		*small = f.Append(*small)
	} else { // too much to be copied
		*small = f.appendHead(*small)
		q.queue = append(q.queue, f.Data)
	}
	q.size += headSize + len(f.Data)
	q.cond.Broadcast()
	return true
}

// Await waits until fewer than the given number of bytes wait to be written, or the writer is closed.
func (q *Writer) Await(bytes int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.size >= bytes && !q.closed {
		q.cond.Wait()
	}
}

// Close ends the writer when everything is written. It waits for that as long as patience says, and reports whether the writer has
// ended.
func (q *Writer) Close(patience time.Duration) bool {
	q.mu.Lock()
	q.closed = true
	q.cond.Broadcast()
	q.mu.Unlock()
	select {
	case <-q.done:
		return true
	case <-time.After(patience):
		return false
	}
}
