package remote

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"luaspawn/proc/internal/relay"
	"luaspawn/proc/ipc"
	"luaspawn/proc/pool"
)

// A Program says what a host is to do for this program.
type Program struct {
	// Open returns the transport to the children on this machine. open is the script's
	// Config.Open. Open has what children print passed to output: the stream is 1 or 2.
	Open func(open []byte, output func(stream int, text []byte)) (pool.Transport, error)

	// Bodies is what HostBodies has returned. Nil: long messages go as short ones do.
	Bodies *ipc.Pipe
}

// TakeHost reports whether luaspawnd has started this process as a host: its standard input and output lead to luaspawnd then.
// Main must call it before anything else. It removes the variable that says so from the environment.
func TakeHost() bool {
	_, ok := os.LookupEnv(relay.HostVariable)
	os.Unsetenv(relay.HostVariable)
	return ok
}

// HostBodies returns the pipe through which luaspawnd and a host pass long messages, as files; nil: there is
// none. It must be called once, before anything else opens files or starts processes.
func HostBodies() *ipc.Pipe {
	n, err := strconv.Atoi(os.Getenv(relay.BodiesVariable))
	os.Unsetenv(relay.BodiesVariable)
	if err != nil || n < 1 || n > ipc.MaxFiles {
		return nil
	}
	files := make([]*os.File, n)
	for i := range files {
		files[i] = os.NewFile(uintptr(3+i), "bodies")
	}
	p, err := ipc.OpenPipe(files, true, true)
	if err != nil {
		return nil
	}
	return p
}

// A Host has the workers of one pool on one machine.
type Host struct {
	program Program
	out     *relay.Writer

	transport pool.Transport // nil: it isn't open
	mu        sync.Mutex
	cond      sync.Cond
	links     map[uint64]*hostLink
	blobs     map[hash]*pool.Blob
	order     []hash        // of blobs, in the order in which they were used
	had       map[hash]bool // blobs that have been there
	size      int           // bytes of them
}

// maxBlobs is how many bytes of blobs are kept beside those that calls use.
const maxBlobs = 256 << 20

// outputAhead is how many bytes may wait to be sent; beyond that what children print is not read.
const outputAhead = 4 << 20

var errSilent = errors.New("remote: nothing was heard for the time of the lease")

// Serve runs a host, with luaspawnd at the other ends of r and w. It returns when luaspawnd is gone, or has not been heard
// for a lease, and all children have ended.
func (program Program) Serve(r io.Reader, w io.WriteCloser) error {
	h := newHost(program, relay.NewWriter(w, 0))
	frames := make(chan relay.Frame)
	failed := make(chan error, 1)
	over := make(chan struct{})
	defer close(over)
	go func() {
		in := relay.Messages{In: relay.NewReader(r), Spool: spool}
		for {
			f, err := in.Read()
			if err == nil && f.Kind == relay.Body {
				f, err = program.body(f)
			}
			if err != nil {
				failed <- err
				return
			}
			select {
			case frames <- f:
			case <-over:
				return
			}
		}
	}()
	if program.Bodies != nil {
		h.out.Put(relay.Frame{Kind: relay.Bodies})
	}
	err := h.listen(frames, failed)
	h.end()
	h.out.Close(time.Second)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}

// body returns the next message from the pipe of bodies, which the frame f has announced.
func (program Program) body(f relay.Frame) (relay.Frame, error) {
	if program.Bodies == nil {
		return f, relay.ErrFrame
	}
	data, b, files, err := program.Bodies.RecvBody(context.Background())
	for _, f := range files {
		f.Close()
	}
	got := relay.Frame{Kind: relay.Message, Data: data}
	switch {
	case err != nil || b == nil:
		return got, err
	case len(f.Data) > 0: // it isn't whole
		got.Lost = errors.New(string(f.Data))
		got.Data = make([]byte, min(b.Len(), relay.LostHead))
		b.ReadAt(got.Data, 0)
	}
	got.Spool = b
	return got, nil
}

// spool returns a file for a chunk, from which a child reads it later. Other messages are kept in memory anyway: it returns nil.
func spool(begin []byte) io.Writer {
	if begin[0] != sayChunk {
		return nil
	}
	b, err := ipc.NewBody()
	if err != nil {
		return nil
	}
	return b
}

func newHost(program Program, out *relay.Writer) *Host {
	h := &Host{program: program, out: out, links: map[uint64]*hostLink{}, blobs: map[hash]*pool.Blob{}, had: map[hash]bool{}}
	h.cond.L = &h.mu
	return h
}

// listen does what luaspawnd's frames say, until luaspawnd is gone.
func (h *Host) listen(frames <-chan relay.Frame, failed <-chan error) error {
	lease := time.Duration(0) // not known yet
	silence := time.NewTimer(time.Hour)
	defer silence.Stop()
	beat := time.NewTicker(time.Hour)
	defer beat.Stop()
	for {
		select {
		case err := <-failed:
			return err
		case <-silence.C:
			return errSilent
		case <-beat.C:
			h.out.Put(relay.Frame{Kind: relay.Beat})
		case f := <-frames:
			switch f.Kind {
			case relay.Beat:
				if n := binary.LittleEndian.Uint64(append(f.Data, make([]byte, 8)...)); lease == 0 && n > 0 && n < maxTime {
					lease = time.Duration(n)
					beat.Reset(max(time.Millisecond, lease/3))
					h.out.Put(relay.Frame{Kind: relay.Beat})
				}
				if lease > 0 {
					silence.Reset(lease)
				}
			case relay.Message:
				if err := h.message(f); err != nil {
					h.tell(say(tellOver).bytes([]byte(err.Error())))
					return err
				}
			}
		}
	}
}

func (h *Host) tell(m message) { h.out.Put(relay.Frame{Kind: relay.Message, Data: m}) }

// tellBody sends a message that begins with begin and goes on in a body, which tellBody closes.
func (h *Host) tellBody(begin message, b *ipc.Body) {
	send := func() error {
		defer b.Close()
		return relay.SendBody(h.program.Bodies, b)
	}
	if !h.out.PutAfter(send, relay.Frame{Kind: relay.Body, Data: begin}) {
		b.Close()
	}
}

// end ends all children.
func (h *Host) end() {
	h.mu.Lock()
	var list []*hostLink
	for _, l := range h.links {
		list = append(list, l)
	}
	h.mu.Unlock()
	for _, l := range list {
		l.finish(true)
	}
	h.mu.Lock()
	for len(h.links) > 0 {
		h.cond.Wait()
	}
	h.mu.Unlock()
	if h.transport != nil {
		h.transport.Close()
	}
}

// message does what a message of the script says.
func (h *Host) message(f relay.Frame) error {
	body, ok := f.Spool.(*ipc.Body)
	if !ok {
		return h.hear(f.Data, nil)
	}
	if f.Lost == nil {
		var b []byte
		if b, f.Lost = body.Bytes(); f.Lost == nil && b[0] == sayChunk {
			return h.hear(b, body) // which belongs to the chunk
		} else if f.Lost == nil {
			b = bytes.Clone(b)
			body.Close()
			return h.hear(b, nil)
		}
	}
	body.Close()
	if len(f.Data) == 0 || f.Data[0] != sayChunk {
		return f.Lost
	}
	r := &reader{b: f.Data[1:]}
	l := h.link(r.num())
	c, sum, blob := r.chunkHead()
	if r.err == nil && l != nil {
		l.do(needed(sum, blob), func(blob *pool.Blob) { l.undelivered(c, blob, f.Lost) })
	}
	return r.err
}

func needed(sum hash, blob bool) *hash {
	if !blob {
		return nil
	}
	return &sum
}

func (h *Host) link(id uint64) *hostLink {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.links[id]
}

// hear does what a message of the script says. If body isn't nil it has the whole message. The error says that the message is
// nonsense.
func (h *Host) hear(b []byte, body *ipc.Body) error {
	if len(b) == 0 {
		return errMessage
	}
	r := &reader{b: b[1:]}
	kind := b[0]
	if kind == sayOpen {
		return h.open(r)
	}
	if h.transport == nil {
		return errMessage
	}
	if kind == sayBlob {
		sum := r.hash()
		if r.err == nil && sha256.Sum256(r.b) != sum {
			r.err = errMessage
		}
		if r.err != nil {
			return r.err
		}
		h.keep(sum, &pool.Blob{Data: r.b})
		return nil
	}
	id := r.num()
	if kind == sayWorker {
		name, first := r.bytes(), r.count(1) == 1
		l := &hostLink{host: h, id: id, heard: time.Now()}
		l.alarm.Do = l.tick
		var setup *hash
		if len(r.b) > 0 {
			sum := r.hash()
			setup = &sum
		}
		h.mu.Lock()
		again := h.links[id] != nil
		if r.err == nil && !again {
			h.links[id] = l
		}
		h.mu.Unlock()
		if r.err != nil || again {
			return errMessage
		}
		l.do(setup, func(blob *pool.Blob) {
			go l.start(pool.WorkerSpec{Name: string(name), First: first, Setup: blob})
		})
		return nil
	}
	l := h.link(id)
	switch kind {
	case sayChunk:
		c, sum, blob := r.chunk()
		c.Body, c.BodyAt = body, len(b)-len(c.Tasks)
		if r.err == nil && l != nil {
			l.do(needed(sum, blob), func(blob *pool.Blob) { l.send(c, blob) })
		} else if body != nil {
			body.Close()
		}
	case sayForget:
		if call := r.num(); l != nil {
			l.do(nil, func(*pool.Blob) {
				delete(l.owed, call)
				l.link.Forget(call)
			})
		}
	case sayTakeBack:
		if chunk, n := r.num(), r.count(maxTasks); r.err == nil && l != nil {
			l.do(nil, func(*pool.Blob) { l.takeBack(chunk, n, true) })
		}
	case sayDrop, sayAbort:
		if call := r.num(); r.err == nil && l != nil {
			l.do(nil, func(*pool.Blob) {
				l.drop(call)
				if kind == sayAbort {
					l.abort(call)
				}
			})
		}
	case sayStop:
		if l != nil {
			l.do(nil, func(*pool.Blob) {
				l.stop = true
				l.next()
			})
		}
	case sayTerminate, sayKill:
		if l != nil {
			l.finish(kind == sayKill)
		}
	default:
		return errMessage
	}
	return r.err
}

// open opens the transport.
func (h *Host) open(r *reader) error {
	if v := r.num(); r.err == nil && v != version {
		return fmt.Errorf("it speaks version %d of the messages, the script %d (install the same luaspawn on both)", version, v)
	}
	data := r.bytes()
	if r.err != nil || h.transport != nil {
		return errMessage
	}
	t, err := h.program.Open(data, func(stream int, text []byte) {
		h.out.Await(outputAhead)
		h.tell(say(tellOutput).num(uint64(stream)).bytes(text))
	})
	if err != nil {
		return err
	}
	h.transport = t
	if t, ok := t.(interface{ TakeBodies() }); ok && h.program.Bodies != nil {
		t.TakeBodies()
	}
	h.tell(say(tellOpen))
	return nil
}

// keep keeps a blob, and lets workers that wait for it go on.
func (h *Host) keep(sum hash, b *pool.Blob) {
	h.mu.Lock()
	h.had[sum] = true
	if h.blobs[sum] == nil {
		h.blobs[sum] = b
		h.order = append(h.order, sum)
		h.size += len(b.Data)
	}
	for h.size > maxBlobs && len(h.order) > 1 {
		h.size -= len(h.blobs[h.order[0]].Data)
		delete(h.blobs, h.order[0])
		h.order = h.order[1:]
	}
	waiting := make([]*hostLink, 0, len(h.links))
	for _, l := range h.links {
		waiting = append(waiting, l)
	}
	h.mu.Unlock()
	for _, l := range waiting {
		l.blobCame(sum, b)
	}
}

// need asks the script for a blob.
func (h *Host) need(sum hash) {
	had := uint64(0)
	h.mu.Lock()
	if h.had[sum] {
		had = 1
	}
	h.mu.Unlock()
	h.tell(say(tellNeed).hash(sum).num(had))
}

// blob returns a blob that is kept; nil: it isn't.
func (h *Host) blob(sum hash) *pool.Blob {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.blobs[sum]
	if b != nil {
		i := slices.Index(h.order, sum)
		h.order = append(slices.Delete(h.order, i, i+1), sum)
	}
	return b
}

// start starts the worker.
func (l *hostLink) start(w pool.WorkerSpec) {
	link, err := l.host.transport.Start(context.Background(), w, l)
	if err != nil {
		l.host.tell(say(tellUnstart).num(l.id).bytes([]byte(err.Error())))
		l.remove()
		return
	}
	l.host.tell(say(tellStarted).num(l.id).num(uint64(link.Pid())))
	l.mu.Lock()
	l.link = link
	if l.ended {
		link.Kill()
	}
	l.heard = time.Now()
	l.run()
	l.mu.Unlock()
}
