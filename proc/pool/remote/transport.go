package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"luaspawn/proc/internal/relay"
	"luaspawn/proc/internal/session"
	"luaspawn/proc/ipc"
	"luaspawn/proc/pool"
)

// Config says where a pool's workers are.
type Config struct {
	// Key is the script's; see ReadKey.
	Key *ScriptKey

	// Lease is how long a machine may be silent. After that the script counts the machine as lost, and the machine ends what it
	// runs. 0: 5 s.
	Lease time.Duration

	// Open is passed to Program.Open in the host on each machine.
	Open []byte

	// Tags are tags that a machine must have, by luaspawnd worker --tag, to be used; nil: all machines are used.
	Tags []string

	// Relay starts a luaspawnd bridge. It is called again when the bridge has ended.
	Relay func() (Bridge, error)

	// Connect says how the bridge connects. Its fields are address, of the server; password, which is Key.Password, or creds, the
	// path of a credentials file of NATS; name, which people see; serve, where the bridge is to listen with a server of its own,
	// and keys, the directory of that server's keys. Nil: the bridge doesn't connect, so there are no machines.
	Connect map[string]string

	// Connected is called when the state of the bridge's connection changes, by one goroutine. The fields are connected, "true" or
	// "false", address, and error if there is one. It may be nil.
	Connected func(map[string]string)

	// Output is called with what workers print; the stream is 1 or 2. Nil: it is dropped.
	Output func(stream int, text []byte)
}

// A Bridge is a running process that carries packets: luaspawnd bridge.
type Bridge struct {
	In     io.WriteCloser // its standard input
	Out    io.Reader      // its standard output
	Ended  func()         // waits until it has ended
	Killed func()         // ends it now
	Pid    int

	slots *relay.Slots // the bridge has their file as descriptor 3; nil: there are none
}

// DefaultLease is the lease if Config.Lease is 0.
const DefaultLease = 5 * time.Second

// A lease must be between these.
const (
	MinLease = session.MinLease
	MaxLease = session.MaxLease
)

const (
	depth       = 64                     // chunks that a worker holds: a round trip's worth of the smallest
	outputLimit = 32 << 20               // bytes that may wait for the bridge; the rest is dropped, and sent again later
	ahead       = 20 * time.Millisecond  // of work, see pool.Elastic
	goneGrace   = 500 * time.Millisecond // for a machine that has lost its connection to come back
	again       = 100 * time.Millisecond // from the end of a bridge to the next one
	closing     = 2 * time.Second        // for a bridge to say what is left
)

// Transport is a pool.Elastic to workers on other machines.
type Transport struct {
	cfg     Config
	pool    session.ID
	changed chan struct{} // there is another number of workers
	over    chan struct{} // closed by Close
	done    sync.WaitGroup

	born time.Time
	away atomic.Bool  // the goroutine that reads from the bridge is in a function of Config
	back atomic.Int64 // when it came back from one last, in nanoseconds since born

	writing sync.Mutex    // of writer; held by who holds nothing else, or anything
	writer  *relay.Writer // to the bridge; nil: there is none

	mu       sync.Mutex
	closed   bool
	hosts    map[session.ID]*host     // by the ID of the worker
	sessions map[session.ID]*host     // by that of the session
	refused  map[session.ID]time.Time // when they were heard to refuse
	status   relay.Fields             // of the bridge
	why      string                   // the last refusal, or why a bridge can't be started
	others   map[session.ID]string    // workers that can't be used, and why
	lastLink uint64

	sum struct { // of the blob that was sent last
		mu   sync.Mutex // nothing else is locked under it
		blob *pool.Blob
		hash hash
	}
}

// New starts a transport, and its bridge.
func New(cfg Config) *Transport {
	if cfg.Lease == 0 {
		cfg.Lease = DefaultLease
	}
	return &Transport{cfg: cfg, born: time.Now(), pool: session.NewID(), changed: make(chan struct{}, 1), over: make(chan struct{}),
		hosts: map[session.ID]*host{}, sessions: map[session.ID]*host{},
		refused: map[session.ID]time.Time{}, others: map[session.ID]string{}}
}

func (*Transport) Depth() int           { return depth }
func (*Transport) CarriesFiles() bool   { return false }
func (*Transport) LookOut() bool        { return false }
func (*Transport) Ahead() time.Duration { return ahead }

// Follow implements pool.Elastic.
func (t *Transport) Follow(resize func(int)) {
	t.done.Go(func() {
		last := 0
		for {
			select {
			case <-t.changed:
			case <-t.over:
				return
			}
			if n := t.capacity(); n != last {
				last = n
				resize(n)
			}
		}
	})
	t.done.Go(t.bridges)
}

// capacity returns how many workers the machines have room for.
func (t *Transport) capacity() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.hosts {
		if h.ready {
			n += h.processes
		}
	}
	return n
}

func (t *Transport) change() {
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// bridges starts a bridge, and another one whenever it has ended, until Close.
func (t *Transport) bridges() {
	for {
		b, err := t.cfg.Relay()
		if err != nil {
			t.mu.Lock()
			t.why = err.Error()
			t.mu.Unlock()
		} else {
			t.bridge(b)
		}
		select {
		case <-t.over:
			return
		case <-time.After(again):
		}
	}
}

// bridge serves one bridge until it has ended.
func (t *Transport) bridge(b Bridge) {
	w := relay.NewWriter(b.In, outputLimit)
	connect := relay.Fields{}
	maps.Copy(connect, t.cfg.Connect)
	if b.slots != nil {
		connect["slots"] = "3"
	}
	w.Put(relay.Frame{Kind: relay.Connect, ID: t.pool, Data: connect.Bytes()})
	t.write(w)
	t.mu.Lock()
	t.why = ""
	t.mu.Unlock()
	t.nudge()
	ended := make(chan struct{})
	go func() {
		select {
		case <-t.over: // all that is left to say was put before
			w.Close(closing)
			select {
			case <-ended:
			case <-time.After(closing):
				b.Killed()
			}
		case <-ended:
		}
	}()
	in := relay.NewReader(b.Out)
	for {
		f, err := relay.Read(in)
		if err == nil && f.Kind == relay.Shares {
			w.Share(b.slots)
			continue
		}
		if err == nil {
			err = t.hear(f, b.slots)
		}
		if err != nil {
			break
		}
	}
	b.Killed() // it is no use any more
	b.Ended()
	close(ended)
	t.mu.Lock()
	t.status = nil
	t.mu.Unlock()
	t.write(nil)
	w.Close(0)
	b.slots.Close()
}

func (t *Transport) write(w *relay.Writer) {
	t.writing.Lock()
	t.writer = w
	t.writing.Unlock()
}

// put says something to the bridge, if there is one.
func (t *Transport) put(f relay.Frame) {
	t.writing.Lock()
	w := t.writer
	t.writing.Unlock()
	if w != nil {
		w.Put(f)
	}
}

// packet sends a packet, if there is a bridge.
func (t *Transport) packet(to session.ID, packet []byte) {
	t.writing.Lock()
	w := t.writer
	t.writing.Unlock()
	if w == nil || !w.Packet(to, packet) {
		session.Recycle(packet)
	}
}

// packetInto sends a packet that write makes in memory shared with the bridge. It returns false if no such memory is free.
func (t *Transport) packetInto(to session.ID, n int, write func([]byte) []byte) bool {
	t.writing.Lock()
	w := t.writer
	t.writing.Unlock()
	return w != nil && w.PacketInto(to, n, write)
}

// nudge has all sessions send again what may have been lost.
func (t *Transport) nudge() {
	for _, h := range t.list() {
		h.conn.Nudge()
	}
}

func (t *Transport) list() []*host {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]*host, 0, len(t.hosts))
	for _, h := range t.hosts {
		list = append(list, h)
	}
	return list
}

// leave calls a function of Config, which may have to wait for other programs: one that reads what this one writes, say.
func (t *Transport) leave(do func()) {
	t.away.Store(true)
	do()
	t.back.Store(int64(time.Since(t.born)))
	t.away.Store(false)
}

// reading returns since when frames of the bridge are read: now, if they aren't.
func (t *Transport) reading() time.Time {
	if t.away.Load() {
		return time.Now()
	}
	return t.born.Add(time.Duration(t.back.Load()))
}

// hear takes a frame of the bridge. The error says that the frame is nonsense.
func (t *Transport) hear(f relay.Frame, slots *relay.Slots) error {
	switch f.Kind {
	case relay.Packet, relay.Placed:
		packet, done, err := slots.Packet(f)
		if err != nil {
			return err
		}
		var to *host
		if id, ok := session.SessionOf(packet); ok {
			t.mu.Lock()
			to = t.sessions[id]
			t.mu.Unlock()
		}
		switch {
		case to == nil:
		case done == nil:
			to.conn.Packet(packet)
		default:
			to.conn.Borrow(packet)
		}
		if done != nil {
			done()
		}
	case relay.Here:
		t.here(f.ID, relay.ParseFields(f.Data))
	case relay.Gone:
		t.gone(f.ID)
	case relay.Status:
		s := relay.ParseFields(f.Data)
		t.mu.Lock()
		t.status = s
		t.mu.Unlock()
		if s["connected"] == "true" {
			t.nudge()
		}
		if t.cfg.Connected != nil {
			t.leave(func() { t.cfg.Connected(s) })
		}
	}
	return nil
}

// here is called when a machine says that it is there.
func (t *Transport) here(id session.ID, is relay.Fields) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.hosts[id] != nil || time.Since(t.refused[id]) < time.Second {
		return
	}
	delete(t.refused, id)
	if why := t.unsuited(is); why != "" {
		t.others[id] = why
		return
	}
	h := &host{t: t, id: id, began: time.Now(), links: map[uint64]*link{}, sent: map[hash]bool{}}
	h.conn = session.Dial(t.cfg.Key.key, t.pool, t.cfg.Lease, session.Config{
		Out:     func(packet []byte) { t.packet(id, packet) },
		OutInto: func(n int, write func([]byte) []byte) bool { return t.packetInto(id, n, write) },
		Deliver: h.deliver,
		Room:    ipc.Large,
		Reading: t.reading,
		Closed:  h.lost,
	})
	h.conn.Send(append(say(sayOpen).num(version), message(nil).bytes(t.cfg.Open)...))
	t.hosts[id], t.sessions[h.conn.ID()] = h, h
}

// unsuited returns why a machine can't be used; empty: it can.
func (t *Transport) unsuited(is relay.Fields) string {
	if is["format"] != relay.Format {
		return fmt.Sprintf("speaks format %s (luaspawn %s), and this script format %s: install the same luaspawn on both", is["format"], is["version"], relay.Format)
	}
	has := strings.Split(is["tags"], ",")
	for _, tag := range t.cfg.Tags {
		if !slices.Contains(has, tag) {
			return fmt.Sprintf("lacks the tag %q", tag)
		}
	}
	return ""
}

// gone is called when a machine has lost its connection. If nothing comes from it soon, it is
// taken to have ended.
func (t *Transport) gone(id session.ID) {
	t.mu.Lock()
	h := t.hosts[id]
	delete(t.others, id)
	t.mu.Unlock()
	if h == nil {
		return
	}
	since := time.Now()
	h.conn.Nudge()
	grace := min(goneGrace, t.cfg.Lease)
	var look func()
	look = func() {
		if !h.conn.Heard().Before(since) {
			return
		}
		if left := grace - time.Since(t.reading()); left > 0 { // what it has said since may not have been read
			time.AfterFunc(left, look)
			return
		}
		h.conn.Fail(ErrGone)
	}
	time.AfterFunc(grace, look)
}

// ErrGone is the error of tasks on a machine whose luaspawnd has ended.
var ErrGone = errors.New("its luaspawnd has ended")

// Hosts returns how many machines there are, and how many workers they have room for.
func (t *Transport) Hosts() (machines, workers int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.hosts {
		if h.ready {
			machines++
			workers += h.processes
		}
	}
	return machines, workers
}

// Trouble returns why there may be no workers, as far as that is known, in words for people.
func (t *Transport) Trouble() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.why != "":
		return t.why
	case t.status == nil:
		return "the bridge has not answered yet"
	case t.status["connected"] != "true":
		return "not connected: " + t.status["error"]
	case len(t.others) > 0:
		var list []string
		count := map[string]int{}
		for _, why := range t.others {
			count[why]++
		}
		for why, n := range count {
			list = append(list, fmt.Sprintf("%d that %s", n, why))
		}
		slices.Sort(list)
		return "there are workers that can't be used: " + strings.Join(list, ", ")
	}
	return ""
}

// Start implements pool.Transport.
func (t *Transport) Start(_ context.Context, w pool.WorkerSpec, events pool.Events) (pool.Link, error) {
	if w.Setup != nil && len(w.Setup.Files) > 0 {
		return nil, pool.ErrNoFiles
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var to *host
	for _, h := range t.hosts {
		if h.ready && h.room() > 0 && (to == nil || h.room() > to.room()) {
			to = h
		}
	}
	if to == nil {
		return nil, errNoRoom
	}
	t.lastLink++
	return to.start(t.lastLink, w, events), nil
}

var errNoRoom = errors.New("remote: no machine has room for another worker")

// hashOf returns the hash of a blob.
func (t *Transport) hashOf(b *pool.Blob) hash {
	t.sum.mu.Lock()
	defer t.sum.mu.Unlock()
	if t.sum.blob != b {
		t.sum.blob, t.sum.hash = b, sumOf(b.Data)
	}
	return t.sum.hash
}

// Close ends the hosts, and the bridge.
func (t *Transport) Close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	for _, h := range t.list() {
		h.conn.Close()
	}
	close(t.over)
	t.done.Wait()
}

// processesOf reads how many workers a machine has room for.
func processesOf(info relay.Fields) int {
	n, _ := strconv.Atoi(info["processes"])
	return min(max(0, n), 1<<16)
}
