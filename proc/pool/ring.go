package pool

import (
	"encoding/binary"
	"sync/atomic"
	"time"
	"unsafe"
)

// A segment is the memory that a worker shares with its parent. It stays as it is when
// one of them is killed.
//
//	segment  = words slots requests results
//	words    = 64-bit words, see below, each in a cache line of its own
//	slots    = 32 x {claims spent}         one for each chunk that the worker holds
//	claims   = begun<<32 | limit           how many tasks of the chunk were begun, and how many may be
//	requests = ring of records             parent to worker
//	results  = ring of records             worker to parent
//	record   = size tag bytes              size and tag of 32 bits; padded to 8 bytes; it doesn't wrap around the ring's end
//	         | gap size                    skips size bytes, up to the ring's end
//
// Only the writer of a ring changes its head, and only the reader its tail. These positions
// count bytes, and never go back. A record is there once the head is behind it.
//
// A worker claims each task by one compare-and-swap. The parent takes tasks back by one too: it lowers the limit, but never below
// the number of tasks that were begun.
const (
	wordRequestHead = iota
	wordRequestTail
	wordResultHead
	wordResultTail
	wordWorkerSleeps // the worker waits for its notifier: for requests, or room for results
	wordParentSleeps // dozing or parked
	wordFinished     // how many chunks the worker is through with
	wordSince        // when the running task began, see now
	words

	slots     = 32
	lineSize  = 64
	depth     = 8 // chunks that a worker can hold however long they are
	atSlots   = words * lineSize
	atRings   = 4096
	ringSize  = 1 << 19
	totalSize = atRings + 2*ringSize

	// smallest that goes beside the ring, in a file of its own. All requests of depth chunks,
	// a blob and a chunk for each, fit into the ring.
	largeRecord = 31 << 10

	recordHead = 8
	gap        = 1<<32 - 1
)

// What the parent does while there is no result.
const (
	awake  = iota
	dozing // it will look by itself soon
	parked // it sleeps until it is told
)

// What a worker that sleeps is woken for.
const (
	forRequests = iota + 1
	forRoom     // in the ring of results
)

// Tags of records. Tags of results hold the chunk's slot and the task's place in the chunk too.
const (
	tagChunk  = iota + 1 // id call n flags, then the tasks
	tagDefine            // call, then the blob
	tagForget            // call
	tagSetup             // the blob
	tagStop
	tagReady
	tagFailed
	tagResult
	tagFailure
	tagUnsent // a result that couldn't be sent, and why

	tagBits  = 4
	slotBits = 5
	taskBits = 32 - tagBits - slotBits - 2

	inFile    = 1 << 31 // the bytes are a message of the pipe
	withFiles = 1 << 30 // a message of the pipe brings files

	maxTasks = 1 << taskBits // in a chunk
)

type segment struct{ data []byte }

func (s *segment) word(at int) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(&s.data[at]))
}

func (s *segment) shared(word int) *atomic.Uint64 { return s.word(word * lineSize) }
func (s *segment) claims(slot int) *atomic.Uint64 { return s.word(atSlots + slot*lineSize) }
func (s *segment) spent(slot int) *atomic.Uint64  { return s.word(atSlots + slot*lineSize + 8) }

func claimsOf(begun, limit int) uint64       { return uint64(begun)<<32 | uint64(limit) }
func takeClaims(w uint64) (begun, limit int) { return int(w >> 32), int(uint32(w)) }
func tagOf(kind, slot, task int) uint32 {
	return uint32(kind | slot<<tagBits | task<<(tagBits+slotBits))
}
func takeTag(tag uint32) (kind, slot, task int) {
	tag &^= inFile | withFiles
	return int(tag & (1<<tagBits - 1)), int(tag >> tagBits & (slots - 1)), int(tag >> (tagBits + slotBits))
}

// claim lets the worker begin the next task of a slot; false: there is none left.
func (s *segment) claim(slot int) bool {
	w := s.claims(slot)
	for {
		was := w.Load()
		if begun, limit := takeClaims(was); begun >= limit {
			return false
		}
		if w.CompareAndSwap(was, was+1<<32) {
			return true
		}
	}
}

// takeBack takes back n tasks at most from the end of a slot's chunk, and returns how many it took.
func (s *segment) takeBack(slot, n int) int {
	w := s.claims(slot)
	for {
		was := w.Load()
		begun, limit := takeClaims(was)
		n = min(n, limit-begun)
		if n <= 0 {
			return 0
		}
		if w.CompareAndSwap(was, was-uint64(n)) {
			return n
		}
	}
}

// A ring is one end of one of a segment's rings.
type ring struct {
	data []byte
	head *atomic.Uint64
	tail *atomic.Uint64
	at   uint64 // where this end is: the head of the writer, the tail of the reader
	seen uint64 // what was last known of the other end
}

func (s *segment) requests() ring {
	return ring{data: s.data[atRings : atRings+ringSize], head: s.shared(wordRequestHead), tail: s.shared(wordRequestTail)}
}

func (s *segment) results() ring {
	return ring{data: s.data[atRings+ringSize : totalSize], head: s.shared(wordResultHead), tail: s.shared(wordResultTail)}
}

// room returns how many bytes of the ring are free.
func (r *ring) room() uint64 {
	r.seen = r.tail.Load()
	return ringSize - (r.at - r.seen)
}

// place returns the memory for size bytes of a record, and the position after it. ok is false if there is no room
// now.
func (r *ring) place(size int) (b []byte, next uint64, ok bool) {
	need := uint64(recordHead+size+7) &^ 7
	at := r.at
	if left := ringSize - at%ringSize; left < need {
		at += left
	}
	if at+need-r.seen > ringSize {
		if r.seen = r.tail.Load(); at+need-r.seen > ringSize {
			return nil, 0, false
		}
	}
	if at != r.at {
		binary.LittleEndian.PutUint32(r.data[r.at%ringSize:], gap)
		binary.LittleEndian.PutUint32(r.data[r.at%ringSize+4:], uint32(at-r.at))
	}
	return r.data[at%ringSize:][:need], at + need, true
}

// write writes a record of one or two pieces; false: there is no room now.
func (r *ring) write(tag uint32, head, body []byte) bool {
	b, next, ok := r.place(len(head) + len(body))
	if !ok {
		return false
	}
	binary.LittleEndian.PutUint32(b, uint32(len(head)+len(body)))
	binary.LittleEndian.PutUint32(b[4:], tag)
	copy(b[recordHead:], head)
	if len(body) > 0 {
		copy(b[recordHead+len(head):], body)
	}
	r.at = next
	r.head.Store(next)
	return true
}

// read returns the next record, which stays there until free is called; false:
// there is none now.
func (r *ring) read() (tag uint32, b []byte, ok bool) {
	for {
		if r.at == r.seen {
			if r.seen = r.head.Load(); r.at == r.seen {
				return 0, nil, false
			}
		}
		b := r.data[r.at%ringSize:]
		size := binary.LittleEndian.Uint32(b)
		if size == gap {
			r.at += uint64(len(b))
			continue
		}
		tag := binary.LittleEndian.Uint32(b[4:])
		r.at += uint64(recordHead+size+7) &^ 7
		return tag, b[recordHead:][:size], true
	}
}

// empty says whether there is nothing to read.
func (r *ring) empty() bool { return r.at == r.head.Load() }

// free gives back what was read.
func (r *ring) free() { r.tail.Store(r.at) }

// A clock counts nanoseconds, the same in all processes of the system.
type clock struct {
	base  time.Time
	nanos int64
}

func (c *clock) now() int64 { return c.nanos + int64(time.Since(c.base)) }

// time returns what now was at that time.
func (c *clock) time(nanos int64) time.Time { return c.base.Add(time.Duration(nanos - c.nanos)) }

// AppendTask appends a task to a list of tasks.
func AppendTask(b, task []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(task))), task...)
}

// BeginTask and EndTask do what AppendTask does, for a task that is built in its place:
//
//	b, at := BeginTask(b)
//	b = append(b, ...)
//	EndTask(b, at)
func BeginTask(b []byte) ([]byte, int) { return append(b, 0, 0, 0, 0), len(b) }

func EndTask(b []byte, at int) { binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4)) }

// CutTask takes the first task off a list. It returns nil if that isn't whole.
func CutTask(b []byte) (task, rest []byte) {
	if len(b) < 4 {
		return nil, nil
	}
	n := binary.LittleEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil
	}
	return b[4 : 4+n : 4+n], b[4+n:]
}
