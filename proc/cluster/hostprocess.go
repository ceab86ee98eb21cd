package cluster

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"luaspawn/proc/internal/relay"
	"luaspawn/proc/internal/session"
	"luaspawn/proc/ipc"
)

// A hostProcess is the host of one pool on this machine.
type hostProcess struct {
	w     *worker
	conn  *session.Conn
	lease time.Duration
	over  chan struct{} // closed when the session is closed
	grace time.Duration // for the host to end in order, once over is closed

	bodies *ipc.Pipe  // to and from the host; nil: there is none
	body   *ipc.Body  // the part of a long message that has come; nil: it comes without a file
	total  int        // the length of the whole message
	left   int        // bytes that are still to come
	failed error      // why body could not take everything
	spares ipc.Spares // files that are used again

	blob   relay.Sum // of the long message, if it isBlob
	isBlob bool

	mu     sync.Mutex
	takes  bool               // the host has said that it takes bodies
	given  map[relay.Sum]bool // blobs that the host was given as bodies
	out    *relay.Writer      // to the host; nil: it isn't started yet
	early  []relay.Frame      // what came for the host before it was started
	frozen time.Time          // since when the host's output isn't read, as the script takes it too slowly; zero: it is read
	heard  time.Time
}

const (
	most         = 16 << 20 // bytes of a host that wait to be sent; then it has to wait
	grace        = 100 * time.Millisecond
	graceInOrder = 2 * time.Second
)

func newHost(w *worker, c *session.Conn) *hostProcess {
	return &hostProcess{w: w, conn: c, lease: c.Lease(), over: make(chan struct{}), given: map[relay.Sum]bool{}, heard: time.Now(),
		spares: ipc.Spares{Most: 2}} // one is written while a child reads the other one
}

// deliver hands a message of the script to the host.
func (h *hostProcess) deliver(message []byte) {
	h.put(relay.Frame{Kind: relay.Message, Data: message})
}

// part takes a part of a long message. If it can it writes the part to a file, which the host gets when it is whole; else it passes
// on the part.
func (h *hostProcess) part(total int, part []byte) {
	if total > 0 {
		h.total, h.left, h.failed = total, total, nil
		h.blob, h.isBlob = relay.BlobOf(part)
		if h.body = h.newBody(total); h.body == nil {
			h.put(relay.BeginLong(total))
		}
	}
	if h.body == nil {
		h.put(relay.Frame{Kind: relay.Part, Data: part})
		return
	}
	if h.failed == nil {
		_, h.failed = h.body.Write(part)
	}
	if h.left -= len(part); h.left > 0 {
		return
	}
	b, data, keep := h.body, []byte(nil), h.spares.Keep
	h.body = nil
	if h.isBlob && h.failed == nil {
		sum := h.blob
		keep = func(b *ipc.Body) { h.w.blobs.put(sum, b) }
		h.mu.Lock()
		h.given[sum] = true
		h.mu.Unlock()
	}
	if h.failed != nil {
		data = []byte((&relay.LostError{Size: h.total, Err: h.failed}).Error()) // the host finds in the file which message that was
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sendBody(b, keep, data)
}

// into returns the memory for the next n bytes of a long message; nil: there is none.
func (h *hostProcess) into(n int) []byte {
	if h.body == nil || h.failed != nil {
		return nil
	}
	return h.body.Room(n)
}

// sendBody sends a body to the host, and calls done with it when it was sent. The caller holds mu.
func (h *hostProcess) sendBody(b *ipc.Body, done func(*ipc.Body), data []byte) {
	send := func() error {
		defer done(b)
		return relay.SendBody(h.bodies, b)
	}
	if !h.out.PutAfter(send, relay.Frame{Kind: relay.Body, Data: data}) {
		b.Close()
	}
}

// give gives the host a blob that it asks for, if the blob is kept here. It returns false if the script has to be asked.
func (h *hostProcess) give(message []byte) bool {
	sum, had, ok := relay.NeedOf(message)
	if !ok {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.given[sum] && !had {
		return true // it is on its way
	}
	if !h.takes {
		return false
	}
	b := h.w.blobs.get(sum)
	if b == nil {
		return false
	}
	h.given[sum] = true
	h.sendBody(b, (*ipc.Body).Close, nil)
	return true
}

// worthBody is the length from which on a message is worth a file.
const worthBody = 1 << 20

// newBody returns a file for a message of total bytes; nil: the message goes without one.
func (h *hostProcess) newBody(total int) *ipc.Body {
	h.mu.Lock()
	takes := h.takes
	h.mu.Unlock()
	if !takes || total < worthBody {
		return nil
	}
	b, err := h.spares.Body()
	if err != nil {
		if b, err = ipc.NewBody(); err != nil {
			return nil
		}
	}
	return b
}

func (h *hostProcess) put(f relay.Frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.out == nil {
		h.early = append(h.early, f)
		return
	}
	h.out.Put(f)
}

// closed is called when the session is over.
func (h *hostProcess) closed(why error) {
	if h.grace = grace; errors.Is(why, session.ErrClosed) { // else its tasks may have been begun elsewhere already
		h.grace = graceInOrder
	}
	close(h.over)
}

// run starts the host, and returns when it has ended and the session is over. If the host ends first, the script is told.
func (h *hostProcess) run() {
	w := h.w
	why := h.serve()
	select {
	case <-h.over:
	default:
		h.conn.Send(relay.Over(why))
		<-h.over // the script closes it then
	}
	w.mu.Lock()
	delete(w.hosts, h)
	w.mu.Unlock()
}

// serve starts the host and returns when it has ended, and why.
func (h *hostProcess) serve() (why string) {
	w := h.w
	cmd := exec.Command(w.cfg.Program[0], w.cfg.Program[1:]...)
	cmd.Env = append(os.Environ(), relay.HostVariable+"=1")
	cmd.Stderr = os.Stderr
	ownGroup(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err.Error()
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err.Error()
	}
	cmd.ExtraFiles = h.openBodies()
	if n := len(cmd.ExtraFiles); n > 0 {
		cmd.Env = append(cmd.Env, relay.BodiesVariable+"="+strconv.Itoa(n))
	}
	err = cmd.Start()
	for _, f := range cmd.ExtraFiles { // so that the host's end is closed when it has ended
		f.Close()
	}
	if err != nil {
		if h.bodies != nil {
			h.bodies.Close()
		}
		w.once(fmt.Sprintf("can't start a host: %v", err))
		return fmt.Sprintf("its host can't be started: %v (luaspawnd worker --program says which)", err)
	}
	out := relay.NewWriter(stdin, 0)
	beat := relay.Frame{Kind: relay.Beat, Data: binary.LittleEndian.AppendUint64(nil, uint64(h.lease))}
	out.Put(beat)
	h.mu.Lock()
	for _, f := range h.early {
		out.Put(f)
	}
	h.out, h.early, h.heard = out, nil, time.Now()
	h.mu.Unlock()
	ended := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { h.watch(cmd.Process, out, beat, ended) })
	spoke, reading := h.read(stdout)
	cmd.Process.Kill() // its output has ended
	err = cmd.Wait()
	close(ended)
	watching.Wait()
	h.spares.Close()
	if out.Close(graceInOrder) && h.bodies != nil { // else its writer uses it still, and it is closed when nobody refers to it
		h.bodies.Close()
	}
	why = "its host has ended" + because(err)
	select {
	case <-h.over: // it was ended
		return why
	default:
	}
	switch {
	case errors.Is(reading, relay.ErrFrame):
		why = "its program isn't one that runs tasks"
	case !spoke:
		why = "its program has ended before it was ready for tasks" + because(err)
	default:
		return why
	}
	w.once(fmt.Sprintf("'%s': %s (--program says which it is)", w.cfg.Program[0], strings.TrimPrefix(why, "its ")))
	return why
}

// read reads what the host says, and passes it on to the script. It returns whether the host has said anything, and why it says
// no more.
func (h *hostProcess) read(from io.Reader) (spoke bool, err error) {
	in := relay.NewReader(from)
	for ; ; spoke = true {
		f, err := relay.Read(in)
		if err != nil {
			return spoke, err
		}
		h.mu.Lock()
		h.heard = time.Now()
		h.mu.Unlock()
		switch f.Kind {
		case relay.Bodies:
			h.mu.Lock()
			h.takes = h.bodies != nil
			h.mu.Unlock()
		case relay.Message:
			if !h.give(f.Data) {
				h.conn.Queue(f.Data) // it goes together with the next one, if that is buffered already
			}
		case relay.Body:
			if err := h.sendOn(f.Data); err != nil {
				return spoke, err
			}
		}
		if in.Buffered() == 0 {
			h.conn.Flush()
		}
		h.mu.Lock()
		h.frozen = time.Now()
		h.mu.Unlock()
		h.conn.Await(most)
		h.mu.Lock()
		h.heard, h.frozen = time.Now(), time.Time{}
		h.mu.Unlock()
	}
}

// sendOn sends the script a message that begins with head; the rest is in the next body.
func (h *hostProcess) sendOn(head []byte) error {
	if h.bodies == nil {
		return relay.ErrFrame
	}
	data, b, files, err := h.bodies.RecvBody(context.Background())
	for _, f := range files {
		f.Close()
	}
	switch {
	case err != nil:
		return err
	case b == nil:
		h.conn.Send(head, data)
	default:
		data, err := b.Bytes()
		if err != nil {
			b.Close()
			return err
		}
		h.conn.SendThen(b.Close, head, data)
	}
	return nil
}

// openBodies makes the pipe of bodies, and returns the host's end of it; nil: there is none.
func (h *hostProcess) openBodies() []*os.File {
	if !passesFiles {
		return nil
	}
	ours, theirs, err := ipc.NewPipe(true)
	if err != nil {
		return nil
	}
	files, err := theirs.Files()
	theirs.Close()
	if err != nil {
		ours.Close()
		return nil
	}
	h.bodies = ours
	return files
}

// watch sends the host a beat three times a lease, as long as the session lasts. It ends the host when the session is
// over, or when the host isn't heard.
func (h *hostProcess) watch(p *os.Process, out *relay.Writer, beat relay.Frame, ended <-chan struct{}) {
	tick := time.NewTicker(max(time.Millisecond, h.lease/3))
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-h.over:
			out.Close(0) // the host sees the end of its input
			select {
			case <-ended:
			case <-time.After(h.grace):
				p.Kill()
				<-ended
			}
			return
		case <-tick.C:
			out.Put(beat)
			h.mu.Lock()
			silent := h.frozen.IsZero() && time.Since(h.heard) > h.lease
			h.mu.Unlock()
			if silent {
				h.w.cfg.Said("a host doesn't answer, and is killed")
				p.Kill()
				<-ended
				return
			}
		}
	}
}
