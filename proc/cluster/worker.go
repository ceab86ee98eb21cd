package cluster

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"luaspawn/proc/internal/relay"
	"luaspawn/proc/internal/session"
)

// WorkerConfig says what a machine offers to pools, and where.
type WorkerConfig struct {
	Address string
	Key     string // the file of the key: worker.key in the directory of the server's keys, or a copy of it
	Creds   string // a file of NATS' own credentials; empty: the key's password

	Processes int      // how many tasks it runs at a time for each pool
	Tags      []string // what pools may ask for
	Program   []string // the program that runs scripts' functions, and its arguments
	Name      string   // of the machine; empty: its host name
	Version   string   // of luaspawn, said to people

	// Said is called with a line for people when something happens. It may be nil.
	Said func(what string)
}

// Work offers this machine until ctx ends. It returns an error only if cfg can't be right; whatever else
// fails it tries again.
func Work(ctx context.Context, cfg WorkerConfig) error {
	a, err := relay.ParseAddress(cfg.Address)
	if err != nil {
		return err
	}
	key, err := session.ReadKey(cfg.Key, session.ParseWorkerKey)
	if err != nil {
		return err
	}
	if cfg.Name == "" {
		cfg.Name, _ = os.Hostname()
	}
	if cfg.Said == nil {
		cfg.Said = func(string) {}
	}
	w := &worker{cfg: cfg, id: session.NewID(), hosts: map[*hostProcess]bool{}}
	w.info = relay.Fields{
		"format": relay.Format, "version": cfg.Version, "host": cfg.Name, "pid": strconv.Itoa(os.Getpid()),
		"processes": strconv.Itoa(cfg.Processes), "os": runtime.GOOS, "arch": runtime.GOARCH, "tags": strings.Join(cfg.Tags, ","),
	}.Bytes()
	w.out = newOutbox()
	w.listener = &session.Listener{
		Key:    key,
		Info:   func() []byte { return w.info },
		Out:    func(pool session.ID, packet []byte) { w.out.put(outgoing{subject(pools, pool), packet}) },
		Accept: w.accept,
	}
	up, tried := false, false
	var mu sync.Mutex
	w.nc, err = connect(a, clientName+strings.TrimPrefix(subject(workers, w.id), workers), workerUser, key.Password, cfg.Creds, func(yes bool, err error) {
		mu.Lock()
		defer mu.Unlock()
		w.out.up.Store(yes)
		switch {
		case yes:
			cfg.Said("connected to " + cfg.Address)
			w.announce(subjectAll)
			w.listener.Nudge()
			tried = false
		case up:
			cfg.Said("the connection has ended" + because(err) + "; it is tried again")
		case err != nil && !tried:
			tried = true
			cfg.Said("can't connect to " + cfg.Address + because(err) + "; it is tried again")
		}
		up = yes
	})
	if err != nil {
		return err
	}
	defer w.nc.Close()
	go w.out.run(w.nc)
	defer w.out.close()
	sub, err := w.nc.Subscribe(subject(workers, w.id), func(m *nats.Msg) { w.listener.Packet(m.Data) })
	if err != nil {
		return err
	}
	sub.SetPendingLimits(-1, fromNATS)
	if _, err := w.nc.Subscribe(subjectWho, w.asked); err != nil {
		return err
	}
	service, err := micro.AddService(w.nc, micro.Config{
		Name: "luaspawn", Version: "1.0.0", Description: "a machine that runs tasks of luaspawn's pools",
		Metadata:     relay.ParseFields(w.info),
		StatsHandler: func(*micro.Endpoint) any { return w.stats() },
	})
	if err != nil {
		return err
	}
	err = service.AddEndpoint("status", micro.HandlerFunc(func(r micro.Request) { r.RespondJSON(w.stats()) }), micro.WithEndpointSubject(subject(status, w.id)))
	if err != nil {
		return err
	}
	w.announce(subjectAll)
	<-ctx.Done()
	service.Stop()
	w.end()
	return nil
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

type worker struct {
	cfg      WorkerConfig
	id       session.ID
	info     []byte
	nc       *nats.Conn
	listener *session.Listener
	out      *outbox

	mu     sync.Mutex
	ending bool
	told   string // what once has said last
	hosts  map[*hostProcess]bool
	all    sync.WaitGroup // the goroutines of hosts
	blobs  blobs
}

// once says what a script that tries again each second would have said again and again.
func (w *worker) once(what string) {
	w.mu.Lock()
	news := what != w.told
	w.told = what
	w.mu.Unlock()
	if news {
		w.cfg.Said(what)
	}
}

// announce publishes that this machine is there.
func (w *worker) announce(to string) {
	w.out.put(outgoing{to, append(append([]byte(nil), w.id[:]...), w.info...)})
}

// asked answers a bridge that asks which machines are there.
func (w *worker) asked(m *nats.Msg) {
	var pool session.ID
	if len(m.Data) == len(pool) {
		copy(pool[:], m.Data)
		w.announce(subject(subjectHere, pool))
	}
}

// stats returns what NATS' service protocol tells of this machine.
func (w *worker) stats() any {
	w.mu.Lock()
	defer w.mu.Unlock()
	return map[string]int{"pools": len(w.hosts), "processes": w.cfg.Processes}
}

// accept begins a session with a pool, after the script has shown its key.
func (w *worker) accept(c *session.Conn, _ session.ID) session.Config {
	h := newHost(w, c)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ending {
		go c.Close()
		return session.Config{Deliver: func([]byte) {}}
	}
	w.hosts[h] = true
	w.all.Go(h.run)
	return session.Config{Deliver: h.deliver, Part: h.part, Into: h.into, Closed: h.closed}
}

// end ends everything that runs here, and says so.
func (w *worker) end() {
	w.mu.Lock()
	w.ending = true
	w.mu.Unlock()
	for _, c := range w.listener.Sessions() {
		c.Close() // which ends its host
	}
	w.out.put(outgoing{subject(gone, w.id), nil})
	w.all.Wait()
	w.blobs.close()
	w.out.drain(time.Second)
	w.nc.FlushTimeout(time.Second)
}

// outgoing is a message that is to be published.
type outgoing struct {
	subject string
	data    []byte
}

// An outbox publishes in a goroutine of its own. It drops messages when too much waits: sessions send them
// again.
type outbox struct {
	mu     sync.Mutex
	cond   sync.Cond
	list   []outgoing
	size   int
	closed bool
	up     atomic.Bool // there is a connection
}

// maxOutbox is how many bytes may wait in an outbox.
const maxOutbox = 64 << 20

func newOutbox() *outbox {
	o := new(outbox)
	o.cond.L = &o.mu
	return o
}

func (o *outbox) put(m outgoing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.size > maxOutbox {
		return
	}
	o.list = append(o.list, m)
	o.size += len(m.data)
	o.cond.Broadcast()
}

func (o *outbox) run(nc *nats.Conn) {
	var list []outgoing
	for {
		o.mu.Lock()
		for len(o.list) == 0 && !o.closed {
			o.cond.Wait()
		}
		if o.closed {
			o.mu.Unlock()
			return
		}
		list, o.list, o.size = o.list, list[:0], 0
		o.mu.Unlock()
		for _, m := range list {
			if o.up.Load() {
				nc.Publish(m.subject, m.data) // copies it
			}
			session.Recycle(m.data)
		}
		clear(list)
		o.mu.Lock()
		o.cond.Broadcast()
		o.mu.Unlock()
	}
}

// drain waits until everything was published, for patience at most.
func (o *outbox) drain(patience time.Duration) {
	over := time.AfterFunc(patience, o.close)
	defer over.Stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.list) > 0 && !o.closed {
		o.cond.Wait()
	}
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.cond.Broadcast()
}
