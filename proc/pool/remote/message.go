package remote

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"luaspawn/proc/internal/session"
	"luaspawn/proc/pool"
)

// A message is a kind and fields: numbers as uvarints, bytes with their length before
// them, a hash as its 32 bytes.
const (
	// To the host.
	sayOpen      = 'o' // version; what the host's program needs to know
	sayWorker    = 'w' // link name first setup: a hash, or nothing
	sayBlob      = 'b' // hash data
	sayChunk     = 'c' // link chunk call first n flags timeout [hash] tasks
	sayForget    = 'f' // link call
	sayTakeBack  = 't' // link chunk n
	sayDrop      = 'd' // link call: take back all of it
	sayAbort     = 'a' // link call: that, and end the worker if it runs a task of it
	sayStop      = 's' // link
	sayTerminate = 'x' // link
	sayKill      = 'k' // link

	// From the host.
	tellOpen     = 'o' // it is ready for workers
	tellStarted  = 'S' // link pid
	tellUnstart  = 'U' // link reason: the worker can't be started
	tellReady    = 'R' // link
	tellFailed   = 'F' // link reason: the setup failed
	tellReports  = 'r' // link {chunk task flags data}
	tellFinished = 'f' // link chunk spent
	tellReturned = 't' // link chunk n
	tellTimedOut = 'L' // link chunk task
	tellGone     = 'G' // link code ran chunk task; code is zigzag
	tellOutput   = 'O' // stream text
	tellNeed     = 'n' // hash had: whether it was there before
	tellOver     = 'X' // reason: the host is gone, or could not be started. luaspawnd sends it too
)

// version is the version of the messages.
const version = 3

// Flags of a chunk and a report.
const (
	chunkExact = 1 << iota
	chunkMore
	chunkOnly
	chunkBlob // the message has the hash of the call's blob
)

const (
	reportFailed = 1 << iota
	reportUnsent
	reportUndelivered
)

type hash = [sha256.Size]byte

// A message is being put together by its methods, which append fields.
type message []byte

func say(kind byte) message { return append(make(message, 0, 64), kind) }

func (m message) num(n uint64) message { return binary.AppendUvarint(m, n) }

func (m message) bytes(b []byte) message {
	return append(binary.AppendUvarint(m, uint64(len(b))), b...)
}

func (m message) hash(h hash) message { return append(m, h[:]...) }

// A reader takes a message apart. After an error its methods return zero values.
type reader struct {
	b   []byte
	err error
}

var errMessage = errors.New("remote: a message is damaged")

func (r *reader) num() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.b, r.err = nil, errMessage
		return 0
	}
	r.b = r.b[size:]
	return n
}

// count reads a number that is at most limit.
func (r *reader) count(limit uint64) int {
	n := r.num()
	if n > limit {
		r.b, r.err = nil, errMessage
		return 0
	}
	return int(n)
}

func (r *reader) bytes() []byte {
	n := r.num()
	if n > uint64(len(r.b)) {
		r.b, r.err = nil, errMessage
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) hash() (h hash) {
	if len(r.b) < len(h) {
		r.b, r.err = nil, errMessage
		return h
	}
	copy(h[:], r.b)
	r.b = r.b[len(h):]
	return h
}

// maxData is how many bytes a task or a result may have: the message has some fields beside it.
const maxData = session.MaxMessage - 1<<10

var errTooLong = fmt.Errorf("it has more than %d MiB, which is the most that goes to another machine at once", session.MaxMessage>>20-1)

// Limits of numbers in messages.
const (
	maxTasks = 1 << 24 // in a chunk
	maxIndex = 1 << 32 // of a task in its call
	maxFlags = 1<<8 - 1
	maxPid   = 1 << 32
	maxCode  = 1 << 33
	maxTime  = uint64(1<<63 - 1)
)

// appendChunk appends all of a chunk but its tasks.
func appendChunk(m message, link uint64, c pool.Chunk, blob *hash) message {
	flags := 0
	set := func(flag int, on bool) {
		if on {
			flags |= flag
		}
	}
	set(chunkExact, c.Exact)
	set(chunkMore, c.More)
	set(chunkOnly, c.Only)
	set(chunkBlob, blob != nil)
	m = m.num(link).num(c.ID).num(c.Call).num(uint64(c.First)).num(uint64(c.N)).num(uint64(flags)).num(uint64(c.Timeout))
	if blob != nil {
		m = m.hash(*blob)
	}
	return m
}

// chunk reads what appendChunk has appended after the link, and the tasks.
func (r *reader) chunk() (c pool.Chunk, h hash, blob bool) {
	c, h, blob = r.chunkHead()
	c.Tasks = r.b
	if r.err == nil && !holds(c.Tasks, c.N) {
		r.err = errMessage
	}
	return c, h, blob
}

// chunkHead reads what appendChunk has appended after the link. blob says that h is the hash of the call's blob.
func (r *reader) chunkHead() (c pool.Chunk, h hash, blob bool) {
	c.ID, c.Call, c.First, c.N = r.num(), r.num(), r.count(maxIndex), r.count(maxTasks)
	flags := r.count(maxFlags)
	c.Timeout = time.Duration(r.count(maxTime))
	c.Exact, c.More, c.Only = flags&chunkExact != 0, flags&chunkMore != 0, flags&chunkOnly != 0
	if blob = flags&chunkBlob != 0; blob {
		h = r.hash()
	}
	if r.err == nil && c.N == 0 {
		r.err = errMessage
	}
	return c, h, blob
}

// holds says whether a list of tasks has exactly n.
func holds(tasks []byte, n int) bool {
	for range n {
		if len(tasks) < 4 {
			return false
		}
		size := binary.LittleEndian.Uint32(tasks)
		if uint64(size) > uint64(len(tasks)-4) {
			return false
		}
		tasks = tasks[4+size:]
	}
	return len(tasks) == 0
}

func appendReports(m message, list []pool.Report) message {
	for _, r := range list {
		for one := range r.All() {
			m = append(appendReportHead(m, one, len(one.Data)), one.Data...)
		}
	}
	return m
}

// appendReportHead appends all of a report but its data.
func appendReportHead(m message, r pool.Report, size int) message {
	flags := uint64(0)
	if r.Failed {
		flags |= reportFailed
	}
	if r.Unsent {
		flags |= reportUnsent
	}
	if r.Undelivered {
		flags |= reportUndelivered
	}
	return m.num(r.Chunk).num(uint64(r.Task)).num(flags).num(uint64(size))
}

func (r *reader) reports() (list []pool.Report) {
	for len(r.b) > 0 && r.err == nil {
		p := pool.Report{Chunk: r.num(), Task: r.count(maxTasks)}
		flags := r.count(maxFlags)
		p.Failed, p.Unsent, p.Undelivered = flags&reportFailed != 0, flags&reportUnsent != 0, flags&reportUndelivered != 0
		p.Data = r.bytes()
		list = append(list, p)
	}
	if r.err != nil {
		return nil
	}
	return list
}

func appendGone(m message, code int, running pool.Task, ran bool) message {
	n := uint64(0)
	if ran {
		n = 1
	}
	return m.num(uint64(uint(code)<<1) ^ uint64(code>>63)).num(n).num(running.Chunk).num(uint64(running.At))
}

func (r *reader) gone() (code int, running pool.Task, ran bool) {
	z := r.count(maxCode)
	code = int(uint(z)>>1) ^ -(z & 1)
	ran = r.count(1) == 1
	running = pool.Task{Chunk: r.num(), At: r.count(maxTasks)}
	return code, running, ran
}
