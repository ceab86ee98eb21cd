package ipc

import (
	"sync"
	"sync/atomic"
)

// An identity is a process for all time: its pid and when it was started, both as the system
// has them. Zero is none.
type identity uint64

// A member is who a process is, and where its process ids count.
type member struct {
	identity
	namespace uint64
}

// itself is a fact about this process: what self has found out.
var itself atomic.Pointer[member]

// self is what this process is.
func self() (member, error) {
	if me := itself.Load(); me != nil {
		return *me, nil
	}
	me := new(member)
	var err error
	if me.identity, me.namespace, err = identifyMyself(); err != nil {
		return member{}, err // not for ever: descriptors may be scarce now
	}
	itself.Store(me)
	return *me, nil
}

// A look at another process may fail, for want of descriptors or memory, or because
// it is forbidden. That is no death: whoever has something of the dead gets it at once,
// so a death is only what the system says is one.

// A peer is another process that somebody here watches.
type peer struct {
	id    identity
	watch watch       // of its end
	gone  atomic.Bool // its end was told; elsewhere it may be seen a moment later

	// Under peers.Mutex.
	users     int
	notifiers map[*notifier]bool // notified when it has ended
}

// peers are those that are watched, each once, however many objects it shares
// with us: a fact about this process.
var peers struct {
	sync.Mutex
	known map[identity]*peer // nil: there were none yet
}

// watchPeer returns the process id, whose end will notify b, until release. Nil:
// it has ended.
func watchPeer(id identity, b *notifier) (*peer, error) {
	peers.Lock()
	defer peers.Unlock()
	p := peers.known[id]
	if p == nil {
		p = &peer{id: id, notifiers: map[*notifier]bool{}}
		if alive, err := p.watch.begin(id, p.over); !alive || err != nil {
			return nil, err
		}
		if peers.known == nil {
			peers.known = map[identity]*peer{}
		}
		peers.known[id] = p
	}
	p.users++
	p.notifiers[b] = true
	return p, nil
}

// over is called when p has ended.
func (p *peer) over() {
	p.gone.Store(true)
	peers.Lock()
	defer peers.Unlock()
	for b := range p.notifiers {
		b.notify()
	}
}

// ended looks. Whoever calls it has p from watchPeer.
func (p *peer) ended() bool { return p.gone.Load() || p.watch.ended(p.id) }

// release ends what watchPeer began.
func (p *peer) release(b *notifier) {
	peers.Lock()
	defer peers.Unlock()
	delete(p.notifiers, b)
	if p.users--; p.users == 0 {
		delete(peers.known, p.id)
		p.watch.end(p.id)
	}
}
