package cluster

import (
	"errors"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"luaspawn/proc/internal/relay"
	"luaspawn/proc/internal/session"
)

const (
	askEach   = 2 * time.Second // who is there, while nobody is known to be
	askSeldom = 10 * time.Second
	fromNATS  = 256 << 20 // bytes that may wait for the script
)

// Bridge carries the packets of a script, which is at the other ends of r and w. It returns
// when the script is gone.
func Bridge(r io.Reader, w io.WriteCloser) error {
	in := relay.NewReader(r)
	first, err := relay.Read(in)
	if err != nil {
		return err
	}
	if first.Kind != relay.Connect {
		return relay.ErrFrame
	}
	b := &bridge{pool: first.ID, out: relay.NewWriter(w, fromNATS), sentTo: map[session.ID]bool{}}
	defer b.out.Close(time.Second)
	cfg := relay.ParseFields(first.Data)
	slots := openSlots(cfg)
	if slots != nil {
		b.out.Share(slots)
		b.out.Put(relay.Frame{Kind: relay.Shares})
	}
	if listen := cfg["serve"]; listen != "" {
		s, err := serveFor(cfg)
		if err != nil {
			b.tell(false, "", err)
			<-ended(in)
			return err
		}
		defer s.Close()
		cfg["address"] = s.Address()
	}
	b.address = cfg["address"]
	a, err := relay.ParseAddress(b.address)
	if err != nil {
		b.tell(false, "", err)
		<-ended(in)
		return err
	}
	b.tell(false, b.address, errors.New("no answer yet"))
	b.nc, err = connect(a, "luaspawn script "+cfg["name"], scriptUser, cfg["password"], cfg["creds"], b.connected)
	if err != nil {
		b.tell(false, b.address, err)
		<-ended(in)
		return err
	}
	defer b.nc.Close()
	for subject, do := range map[string]nats.MsgHandler{
		subject(pools, b.pool):       b.packet,
		subject(subjectHere, b.pool): b.here,
		subjectAll:                   b.here,
		gone + "*":                   b.gone,
	} {
		sub, err := b.nc.Subscribe(subject, do)
		if err != nil {
			return err
		}
		sub.SetPendingLimits(-1, fromNATS)
	}
	stop := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() { b.ask(stop) })
	defer asking.Wait()
	defer close(stop)
	room := make([]byte, packetRoom) // what is published is copied
	for {
		f, err := relay.ReadTo(room, in)
		if err != nil {
			b.left()
			b.nc.FlushTimeout(time.Second) // sends what the script has said last
			if err == io.EOF {
				return nil
			}
			return err
		}
		switch f.Kind {
		case relay.Packet, relay.Placed:
			packet, done, err := slots.Packet(f)
			if err != nil {
				return err
			}
			if b.up.Load() {
				b.nc.Publish(subject(workers, f.ID), packet) // what is lost is sent again
				b.sentTo[f.ID] = true
			}
			if done != nil {
				done()
			}
		case relay.Ask:
			b.nc.Publish(subjectWho, b.pool[:])
		}
	}
}

// openSlots opens the slots that the script offers; nil: it offers none.
func openSlots(cfg relay.Fields) *relay.Slots {
	fd, err := strconv.Atoi(cfg["slots"])
	if err != nil || fd < 3 {
		return nil
	}
	slots, err := relay.OpenSlots(fd)
	if err != nil {
		return nil
	}
	return slots
}

// serveFor starts the server of a script that has asked for one.
func serveFor(cfg relay.Fields) (*Server, error) {
	script, worker, err := session.MakeKeys(cfg["keys"])
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ { // one before us may have left its port a moment ago
		s, err := serve(ServerConfig{Listen: cfg["serve"], Dir: cfg["keys"]}, script, worker)
		if err == nil || try == 20 {
			return s, err
		}
		<-time.After(100 * time.Millisecond)
	}
}

// ended returns a channel that is closed at the end of r.
func ended(r io.Reader) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(io.Discard, r)
	}()
	return done
}

type bridge struct {
	pool    session.ID
	nc      *nats.Conn
	out     *relay.Writer
	address string
	up      atomic.Bool         // it is connected
	sentTo  map[session.ID]bool // the workers to which packets went

	mu   sync.Mutex
	last string // what the script was told of the connection last
	met  bool   // a worker was heard
}

// left tells the workers that the script is gone: where a signal has ended it, it has not closed its
// sessions.
func (b *bridge) left() {
	for id := range b.sentTo {
		b.nc.Publish(subject(workers, id), session.Left(b.pool))
	}
}

// tell tells the script whether there is a connection.
func (b *bridge) tell(connected bool, address string, err error) {
	f := relay.Fields{"connected": strconv.FormatBool(connected), "address": address}
	if err != nil {
		f["error"] = err.Error()
	}
	data := f.Bytes()
	b.mu.Lock()
	news := string(data) != b.last || connected
	b.last = string(data)
	b.mu.Unlock()
	if news {
		b.out.Put(relay.Frame{Kind: relay.Status, Data: data})
	}
}

// connected is called when the connection comes or goes. When it comes the bridge asks who is there.
func (b *bridge) connected(yes bool, err error) {
	if !yes && err == nil {
		err = errors.New("the connection has ended")
	}
	b.up.Store(yes)
	b.tell(yes, b.address, err)
	if yes {
		b.mu.Lock()
		b.met = false
		b.mu.Unlock()
	}
}

// ask asks who is there, at once and then from time to time.
func (b *bridge) ask(stop <-chan struct{}) {
	tick := time.NewTicker(askEach / 10)
	defer tick.Stop()
	var last time.Time
	was := false
	for {
		b.mu.Lock()
		each := askEach
		if b.met {
			each = askSeldom
		}
		b.mu.Unlock()
		up := b.up.Load()
		if up && (!was || time.Since(last) >= each) {
			last = time.Now()
			b.nc.Publish(subjectWho, b.pool[:])
		}
		was = up
		select {
		case <-tick.C:
		case <-stop:
			return
		}
	}
}

func (b *bridge) packet(m *nats.Msg) {
	b.out.Packet(session.ID{}, m.Data)
}

func (b *bridge) here(m *nats.Msg) {
	var id session.ID
	if len(m.Data) < len(id) || len(m.Data) > maxHere || !b.up.Load() {
		return
	}
	copy(id[:], m.Data)
	b.mu.Lock()
	b.met = true
	b.mu.Unlock()
	b.out.Put(relay.Frame{Kind: relay.Here, ID: id, Data: m.Data[len(id):]})
}

// maxHere is how many bytes a worker may say of itself.
const maxHere = 1 << 12

func (b *bridge) gone(m *nats.Msg) {
	if id, ok := idOf(m.Subject, gone); ok {
		b.out.Put(relay.Frame{Kind: relay.Gone, ID: id})
	}
}
