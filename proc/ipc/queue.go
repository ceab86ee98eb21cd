package ipc

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// A Queue hands items from any process to any other, in the order in which they
// were put. An item is bytes, and files that it brings along.
//
//	queue = maxsize joinable count unfinished    maxsize 0: memory is the limit
//	        base size head tail end              the ring: where in the file, how large; first and
//	                                             next byte, which only grow, modulo size; the file's end
//	        oldBase oldSize                      a ring that isn't used any more, whose memory is to go
//	        tickets traveling                    of items with files
//	        boxed inLast directory               of those whose files are in boxes: see perBox
//	        puts gets                            how many there have been, while items are numbered
//	slot  = taken                                of a joinable queue: taken there and not done
//	ring  = {item}
//	item  = length|files<<48 [ticket {label}] bytes, up to a multiple of 8
//	        label: of a file, where a courier needs that to find it again
//
// An item is written where nobody looks, and exists from when tail says so; it is
// read, and gone from when head says so. A process that dies before has put
// nothing, or taken nothing.
//
// Files travel by a courier that all holders have: on Linux a socket pair, and where that is
// full boxes, see perBox. They are sent before their item exists and peeked at before it
// is gone, so that they are never missing. Those whose item never came to be, or is
// gone already, are recognized by their ticket and closed by whoever comes next.
type Queue struct {
	Object
	courier        // of the files
	last    uint64 // number of the item that was put or taken here last
	limit   uint64 // of bytes, where it is more than one item; 0: memory is the limit

	window *window // on the ring
}

// A window is a part of the file that is mapped here.
type window struct {
	base uint64
	data []byte
	all  []byte // the pages of data
}

const (
	qMax = iota
	qJoinable
	qCount
	qUnfinished
	qBase
	qSize
	qHead
	qTail
	qEnd
	qOldBase
	qOldSize
	qTickets
	qTraveling
	qBoxed
	qInLast
	qDirectory
	qPuts
	qGets
)

// numbered is a fact about this process: items are counted, in all processes that it shares
// queues with.
var numbered atomic.Bool

// NumberItems lets each item of a queue have a number, from 1 on, the same for who puts it
// and who gets it. It is for a run whose processes are all observed from the beginning.
func NumberItems() { numbered.Store(true) }

const (
	ringStart = 64 << 10 // bytes of a new ring
	ringKept  = 16 << 20 // an empty ring that is larger gives its memory back
	direct    = 32 << 10 // from here on reading and writing is faster than touching pages

	maxItem = 1 << 47

	// MaxFiles is how many files an item can bring along: what the kernel
	// takes in one message (SCM_MAX_FD).
	MaxFiles = 253
)

var (
	// ErrTasks is returned by TaskDone for more items than were taken.
	ErrTasks = errors.New("task_done() called too many times")

	// ErrInFlight is returned where the system takes no more descriptors: on Linux a
	// user may have as many on their way as a process may have open (RLIMIT_NOFILE).
	ErrInFlight = errors.New("too many descriptors are on their way in queues and pipes (ulimit -n is their limit)")

	// ErrFiles is returned for an item that brings more than MaxFiles.
	ErrFiles error = filesError{}
)

type filesError struct{}

func (filesError) Error() string {
	return "ipc: an item brings at most " + strconv.Itoa(MaxFiles) + " descriptors along"
}

// NewQueue returns a queue of at most maxsize items; 0: of any number. A
// joinable one counts those that are not done.
func NewQueue(maxsize uint32, joinable bool) (*Queue, error) {
	words := make([]uint64, qEnd+1)
	words[qMax] = uint64(maxsize)
	if joinable {
		words[qJoinable] = 1
	}
	words[qBase], words[qSize], words[qEnd] = atData, ringStart, atData+ringStart
	s, err := create(kindQueue, ringStart, words...)
	if err != nil {
		return nil, err
	}
	c, err := newCourier()
	if err != nil {
		s.closeAs(endedWell)
		return nil, err
	}
	return queueOf(s, c), nil
}

// OpenQueue takes over the files of a queue that another process has sent.
func OpenQueue(files []*os.File) (*Queue, error) {
	if len(files) != segmentFiles+courierFiles {
		closeAll(files)
		return nil, ErrBad
	}
	s, err := open(kindQueue, files[:segmentFiles])
	if err != nil {
		closeAll(files[segmentFiles:])
		return nil, err
	}
	c, err := openCourier(files[segmentFiles:])
	if err != nil {
		s.closeAs(endedWell)
		return nil, err
	}
	return queueOf(s, c), nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

func queueOf(s *segment, c courier) *Queue {
	s.reclaim = func(slot int, how ending) {
		if taken := s.field(slot, slotHeld); taken > 0 && how == died {
			s.wakeBeforePublish()
			s.setState(qUnfinished, s.state(qUnfinished)-min(taken, s.state(qUnfinished)))
		}
	}
	s.holds = func() bool { return s.field(s.slot, slotHeld) > 0 }
	q := &Queue{Object: Object{s}, courier: c}
	w := &window{}
	s.onLeave = func() {
		c.close()
		w.unmap()
	}
	q.window = w
	s.sweep()
	return closeUnused(q, s)
}

// Put appends an item, and waits for a place at most timeout. It reports whether
// the item is in the queue. The caller keeps the files.
func (q *Queue) Put(ctx context.Context, timeout time.Duration, data []byte, files []*os.File) (bool, error) {
	return q.put(ctx, timeout, data, files, nil)
}

// put is Put, unless over, if there is one, returns an error.
func (q *Queue) put(ctx context.Context, timeout time.Duration, data []byte, files []*os.File, over func() error) (bool, error) {
	s := q.s
	if len(data) >= maxItem {
		return false, ErrRange
	}
	if len(files) > MaxFiles {
		return false, ErrFiles
	}
	var failed error
	ok, err := s.change(ctx, timeout, func() verdict {
		failed = nil
		boxed := false
		if most := s.state(qMax); most > 0 && s.state(qCount) >= most {
			return blocked
		}
		header := uint64(len(data)) | uint64(len(files))<<48
		size := 8 + round8(len(data))
		if len(files) > 0 {
			size += 8 + labelSize*len(files)
		}
		if over != nil {
			if failed = over(); failed != nil {
				return done
			}
		}
		if q.limit > 0 {
			if used := s.state(qTail) - s.state(qHead); used > 0 && used+uint64(size) > q.limit {
				return blocked
			}
		}
		if failed = q.room(size); failed != nil {
			return done
		}
		tail := s.state(qTail)
		var words [16]byte
		binary.NativeEndian.PutUint64(words[:], header)
		head := words[:8]
		if len(files) > 0 {
			// Not in the journal: no ticket is ever used again.
			ticket := s.word(wordPlace(qTickets)).Add(1)
			binary.NativeEndian.PutUint64(words[8:], ticket)
			var labels []byte
			if labels, boxed, failed = q.ship(ticket, files); failed != nil {
				return done
			}
			head = append(words[:], labels...)
		}
		if failed = q.write(tail, head); failed == nil {
			failed = q.write(tail+uint64(len(head)), data)
		}
		if failed != nil {
			return done
		}
		s.wakeBeforePublish()
		s.setState(qTail, tail+uint64(size))
		s.addState(qCount, 1)
		if s.state(qJoinable) != 0 {
			s.addState(qUnfinished, 1)
		}
		if numbered.Load() {
			q.last = s.state(qPuts) + 1
			s.setState(qPuts, q.last)
		}
		if len(files) > 0 {
			s.addState(qTraveling, 1)
			q.shipped(boxed)
		}
		return done
	})
	if err == nil {
		err = failed
	}
	return ok && err == nil, err
}

func round8(n int) int { return (n + 7) &^ 7 }

// Get takes the first item, and waits for one at most timeout. The files are the
// caller's.
func (q *Queue) Get(ctx context.Context, timeout time.Duration) (data []byte, files []*os.File, ok bool, err error) {
	return q.get(ctx, timeout, nil)
}

// get is Get, unless there is no item and over, if there is one, returns an error.
func (q *Queue) get(ctx context.Context, timeout time.Duration, over func() error) (data []byte, files []*os.File, ok bool, err error) {
	s := q.s
	var failed error
	ok, err = s.change(ctx, timeout, func() verdict {
		for s.state(qCount) > 0 {
			if data, files, failed = q.take(); failed != errTaken {
				return done
			}
		}
		if failed = nil; over != nil {
			failed = over()
		}
		if failed != nil {
			return done
		}
		return blocked
	})
	if err == nil {
		err = failed
	}
	return data, files, ok && err == nil, err
}

// take takes the first item, within a change.
func (q *Queue) take() (data []byte, files []*os.File, err error) {
	s := q.s
	head, tail := s.state(qHead), s.state(qTail)
	var words [16]byte
	if err := q.read(head, words[:8]); err != nil {
		return nil, nil, err
	}
	header := binary.NativeEndian.Uint64(words[:])
	length, brings := header&(1<<48-1), header>>48
	at := head + 8
	var ticket uint64
	var labels []byte
	if brings > 0 {
		if err := q.read(at, words[8:]); err != nil {
			return nil, nil, err
		}
		ticket = binary.NativeEndian.Uint64(words[8:])
		at += 8
		if brings > MaxFiles || labelSize*brings > tail-at {
			return nil, nil, ErrBad
		}
		labels = make([]byte, labelSize*brings)
		if err := q.read(at, labels); err != nil {
			return nil, nil, err
		}
		at += labelSize * brings
	}
	if length > s.state(qSize) || length > tail-at {
		return nil, nil, ErrBad
	}
	data = make([]byte, length)
	if err := q.read(at, data); err != nil {
		return nil, nil, err
	}
	var sh shipment
	if brings > 0 {
		if sh, err = q.peek(ticket, int(brings), labels); err != nil && err != errTaken {
			return nil, nil, err
		}
	}
	if s.state(qMax) > 0 || q.limit > 0 {
		s.wakeBeforePublish() // to those who wait for room
	}
	next := at + uint64(round8(int(length)))
	if next == tail {
		next = 0 // where the memory is in the caches
		s.setState(qTail, 0)
	}
	s.setState(qHead, next)
	s.addState(qCount, ^uint64(0))
	switch {
	case s.state(qJoinable) == 0:
	case err == nil:
		s.addHeld(s.slot, 1)
	case s.state(qUnfinished) > 0: // the dead one would have done it, unless that was done already
		s.setState(qUnfinished, s.state(qUnfinished)-1)
	}
	if numbered.Load() {
		q.last = s.state(qGets) + 1
		s.setState(qGets, q.last)
	}
	if brings > 0 {
		q.accept(sh)
	}
	s.commit()
	if brings > 0 {
		q.clear(sh)
	}
	if next == 0 && s.state(qSize) > ringKept {
		s.punch(s.state(qBase), s.state(qSize))
	}
	return data, sh.files, err
}

// errTaken says that the files of an item were taken by a process that has died then, and
// so was the item.
var errTaken = errors.New("ipc: an item was taken by a process that has died")

// Number returns the number of the item that this process has put or taken last; 0 where
// items have none.
func (q *Queue) Number() uint64 { return q.last }

// room sees to it that size bytes fit into the ring, within a change.
func (q *Queue) room(size int) error {
	s := q.s
	head, tail, now := s.state(qHead), s.state(qTail), s.state(qSize)
	used := tail - head
	if used+uint64(size) <= now {
		return nil
	}
	larger := now * 2
	for larger < used+uint64(size) {
		larger *= 2
	}
	if larger > math.MaxInt64/4 || s.state(qEnd) > math.MaxInt64/4 {
		return ErrRange
	}
	base := s.state(qEnd)
	if err := s.extend(base + larger); err != nil {
		return err
	}
	old := make([]byte, min(used, 1<<20))
	for at := uint64(0); at < used; at += uint64(len(old)) {
		part := old[:min(uint64(len(old)), used-at)]
		if err := q.read(head+at, part); err != nil {
			return err
		}
		if err := s.pwrite(part, base+at); err != nil {
			return err
		}
	}
	q.sweepOld()
	s.setState(qOldBase, s.state(qBase))
	s.setState(qOldSize, now)
	s.setState(qBase, base)
	s.setState(qSize, larger)
	s.setState(qEnd, base+larger)
	s.setState(qHead, 0)
	s.setState(qTail, used)
	s.commit()
	q.sweepOld()
	return nil
}

// sweepOld gives back the memory of a ring that isn't used any more.
func (q *Queue) sweepOld() {
	s := q.s
	if size := s.state(qOldSize); size > 0 {
		s.punch(s.state(qOldBase), size)
		s.word(wordPlace(qOldSize)).Store(0)
	}
}

// view returns the ring as it is mapped here, nil where that isn't possible.
func (q *Queue) view() []byte {
	base, size := q.s.state(qBase), q.s.state(qSize)
	if q.window.data == nil || q.window.base != base || uint64(len(q.window.data)) != size {
		q.window.unmap()
		q.window.mapFile(q.s.memory, base, size)
	}
	return q.window.data
}

// write writes b at a place of the ring.
func (q *Queue) write(at uint64, b []byte) error {
	return q.each(at, b, q.s.pwrite, func(part, ring []byte) { copy(ring, part) })
}

// read fills b from a place of the ring.
func (q *Queue) read(at uint64, b []byte) error {
	return q.each(at, b, q.s.pread, func(part, ring []byte) { copy(part, ring) })
}

// each splits b where the ring ends.
func (q *Queue) each(at uint64, b []byte, file func([]byte, uint64) error, memory func(part, ring []byte)) error {
	size := q.s.state(qSize)
	view := q.view()
	for len(b) > 0 {
		at %= size
		part := b[:min(uint64(len(b)), size-at)]
		if view == nil || len(part) >= direct {
			if err := file(part, q.s.state(qBase)+at); err != nil {
				return err
			}
		} else {
			memory(part, view[at:])
		}
		b = b[len(part):]
		at += uint64(len(part))
	}
	return nil
}

// TaskDone says that an item which was taken is done.
func (q *Queue) TaskDone(ctx context.Context) (err error) {
	s := q.s
	_, cerr := s.change(ctx, Forever, func() verdict {
		n := s.state(qUnfinished)
		if n == 0 {
			err = ErrTasks
			return done
		}
		s.wakeBeforePublish()
		s.setState(qUnfinished, n-1)
		if slot := s.holder(); slot >= 0 {
			s.addHeld(slot, ^uint64(0))
		}
		return done
	})
	if cerr != nil {
		return cerr
	}
	return err
}

// Join waits until all items are done that were put, at most timeout. Those that
// a process had taken are done when it has died.
func (q *Queue) Join(ctx context.Context, timeout time.Duration) (bool, error) {
	s := q.s
	return s.change(ctx, timeout, func() verdict {
		for {
			if s.state(qUnfinished) == 0 {
				return done
			}
			if !s.reclaimHolders() {
				return blocked
			}
		}
	})
}

// Len returns how many items there are, and how many there can be; 0: any number.
func (q *Queue) Len(ctx context.Context) (n, most int, err error) {
	// Not without the monitor: what is being changed may be undone.
	_, err = q.s.change(ctx, Forever, func() verdict {
		n, most = int(q.s.state(qCount)), int(q.s.state(qMax))
		return done
	})
	return n, most, err
}

// AwaitReadable returns when there is an item, or with the error of ctx.
func (q *Queue) AwaitReadable(ctx context.Context) error {
	return q.s.awaitReady(ctx, func() bool { return q.s.state(qCount) > 0 })
}

// Files returns what to send to another process, to be opened there.
func (q *Queue) Files() ([]*os.File, error) {
	files, err := q.Object.Files()
	if err != nil {
		return nil, err
	}
	more, err := q.courier.duplicates()
	if err != nil {
		closeAll(files)
		return nil, err
	}
	return append(files, more...), nil
}
