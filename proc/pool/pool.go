package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"luaspawn/proc/internal/alarm"
)

// Config says what a Pool is. The zero Config has one worker.
type Config struct {
	// Name is the pool's: its workers are NAME-Worker-1 and so on. Empty is "Pool".
	Name string

	// Workers is how many workers there are; less than one is one. If the transport is Elastic it is
	// how many there may be at most; 0: as many as the transport has.
	Workers int

	// Setup is passed to Handler.Setup in each worker before its first task; nil: it isn't called. If it
	// fails, or the worker ends in it, the pool is broken.
	Setup *Blob

	// MaxTasks is after how many tasks a worker is replaced; 0: never.
	MaxTasks int

	// Timeout is how long each task may take; 0: for ever.
	Timeout time.Duration

	// Retries is how often a task that was lost with its worker is begun again.
	Retries int
}

var (
	// ErrNotRunning is returned by a Pool that was closed or terminated.
	ErrNotRunning = errors.New("pool: it is not running")

	// ErrRunning is returned by Join of a Pool that was neither closed nor terminated.
	ErrRunning = errors.New("pool: it is still running")

	// ErrTerminated is the error of a task that Terminate has cut off.
	ErrTerminated = errors.New("pool: it was terminated")

	// ErrNoFiles is returned if files are to travel and the transport can't carry them.
	ErrNoFiles = errors.New("pool: its transport carries no files")
)

// A BrokenError is the error of a pool that can't get workers.
type BrokenError struct {
	Reason string
	Setup  bool // the setup failed, and this is what it says
}

func (e *BrokenError) Error() string { return "pool: it is broken: " + e.Reason }

// State says whether a pool runs.
type State int

const (
	Running    State = iota // it can be called
	Closed                  // it ends when all is done
	Terminated              // it ends now
)

// A Pool has workers, and gives them tasks. Its methods may be called from any
// goroutine.
type Pool struct {
	cfg       Config
	transport Transport
	elastic   bool
	most      int           // workers, if elastic; 0: any number
	eager     int           // a worker is given so many chunks, however long they take
	ahead     time.Duration // a worker that has less work waiting gets a further chunk
	done      chan struct{} // closed when nothing is left

	mu          sync.Mutex
	state       State
	broken      *BrokenError
	members     []*member // in the order of their numbers
	lastMember  int
	calls       []*Call // the calls with tasks that no worker has, in the order of their turns
	live        map[*Call]bool
	lastCall    uint64
	lastChunk   uint64
	failedStart int         // workers that ended before they were ready, in a row
	alarm       alarm.Alarm // calls tick
}

// member is a worker as the front sees it.
type member struct {
	pool    *Pool
	name    string
	link    Link // nil: the worker is being started
	gone    bool
	ready   bool
	ending  bool // it gets no more tasks
	given   int  // how many tasks it was given and has not given back
	done    int
	chunks  []*chunk // the chunks that it holds, in the order in which it runs them
	defined map[uint64]bool
	heard   time.Time // when it was given something last, or said something
	late    *Task     // the task for which it was killed, as it took too long
	who     *Worker
}

// New starts a pool. It returns an error if a worker can't be started. ctx is for the start
// only. The pool closes t when it has ended, and New does so if it returns an error.
func New(ctx context.Context, cfg Config, t Transport) (*Pool, error) {
	if cfg.Name == "" {
		cfg.Name = "Pool"
	}
	e, elastic := t.(Elastic)
	if !elastic {
		cfg.Workers = max(1, cfg.Workers)
	}
	if cfg.Setup != nil && len(cfg.Setup.Files) > 0 && !t.CarriesFiles() {
		t.Close()
		return nil, ErrNoFiles
	}
	p := &Pool{cfg: cfg, transport: t, eager: 2, ahead: queueTime, live: map[*Call]bool{}, done: make(chan struct{})}
	p.alarm.Do = p.tick
	if elastic {
		p.elastic, p.most, p.cfg.Workers = true, cfg.Workers, 0
		p.eager, p.ahead = 1, e.Ahead()
		e.Follow(p.resize)
		return p, nil
	}
	p.mu.Lock()
	var starting sync.WaitGroup
	errs := make([]error, cfg.Workers)
	for i := range cfg.Workers {
		m := p.enlist()
		starting.Go(func() { errs[i] = p.start(ctx, m, true) })
	}
	p.mu.Unlock()
	starting.Wait()
	if err := errors.Join(errs...); err != nil {
		p.Terminate()
		<-p.done
		i := slices.IndexFunc(errs, func(err error) bool { return err != nil })
		return nil, errs[i]
	}
	return p, nil
}

// enlist makes a member; its worker is started later.
func (p *Pool) enlist() *member {
	p.lastMember++
	m := &member{pool: p, name: fmt.Sprintf("%s-Worker-%d", p.cfg.Name, p.lastMember), defined: map[uint64]bool{}}
	p.members = append(p.members, m)
	return m
}

// start starts the worker of a member.
func (p *Pool) start(ctx context.Context, m *member, first bool) error {
	l, err := p.transport.Start(ctx, WorkerSpec{Name: m.name, Setup: p.cfg.Setup, First: first}, m)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		m.gone = true
		p.delist(m)
		return err
	}
	m.link = l
	m.heard = time.Now()
	switch {
	case m.gone: // already
	case p.state == Terminated || p.broken != nil:
		l.Terminate()
	default:
		p.schedule()
	}
	p.settle()
	return nil
}

// delist forgets a member.
func (p *Pool) delist(m *member) {
	p.members = slices.DeleteFunc(p.members, func(other *member) bool { return other == m })
	p.settle()
}

// maxFailedStarts is how many workers in a row may be killed before they are ready; then the pool is broken.
const maxFailedStarts = 50

// resize is called when the transport has room for n workers.
func (p *Pool) resize(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.most > 0 {
		n = min(n, p.most)
	}
	p.cfg.Workers = n
	for p.replace() {
	}
}

// replace starts another worker in the place of one that is gone or about to go, if there is
// anything left to do. It reports whether it did.
func (p *Pool) replace() bool {
	if p.state == Terminated || p.broken != nil || p.state == Closed && len(p.live) == 0 {
		return false
	}
	active := 0
	for _, m := range p.members {
		if !m.ending && !m.gone {
			active++
		}
	}
	if active >= p.cfg.Workers {
		return false
	}
	m := p.enlist()
	go func() {
		err := p.start(context.Background(), m, false)
		if err == nil || p.elastic { // an elastic transport says when there is room
			return
		}
		// Perhaps there is no room for one now. As long as others work, that can wait.
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.failedStart++; p.failedStart > maxFailedStarts && len(p.members) == 0 {
			p.fail(&BrokenError{Reason: err.Error()})
			return
		}
		time.AfterFunc(startAgain, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.replace()
		})
	}()
	return true
}

const startAgain = 50 * time.Millisecond

// fail makes the pool broken: tasks that are not done never will be.
func (p *Pool) fail(err *BrokenError) {
	if p.broken != nil {
		return
	}
	p.broken = err
	p.abandon(Outcome{Kind: Broken, Extra: &Extra{Err: err}})
}

// abandon gives the outcome o to all tasks that have none, and ends the workers.
func (p *Pool) abandon(o Outcome) {
	for c := range p.live {
		c.abandon(o)
	}
	p.calls = nil
	for _, m := range p.members {
		m.chunks = nil
		m.ending = true
		if m.there() {
			m.link.Terminate()
		}
	}
	p.settle()
}

// Close ends the pool when all its tasks are done. No call can be made after it.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == Running {
		p.state = Closed
		p.settle()
	}
}

// Terminate ends the pool now. Tasks that are not done have ErrTerminated as their outcome.
func (p *Pool) Terminate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != Terminated {
		p.state = Terminated
		p.abandon(Outcome{Kind: Broken, Extra: &Extra{Err: ErrTerminated}})
	}
}

// Kill is like Terminate, but gives workers no time to end in order.
func (p *Pool) Kill() {
	p.Terminate()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.members {
		if m.there() {
			m.link.Kill()
		}
	}
}

// Done returns a channel that is closed when the pool has ended and nothing of it is
// left.
func (p *Pool) Done() <-chan struct{} { return p.done }

// LookOut spins for a moment until workers report something, and reports whether they did. Who waits for an outcome
// calls it before going to sleep: to be woken takes longer than most
// outcomes.
func (p *Pool) LookOut() bool { return p.transport.LookOut() }

// State returns whether the pool was closed or terminated. The pool may be broken too: the error of the next Call
// says so.
func (p *Pool) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Join waits until the pool has ended, or ctx has.
func (p *Pool) Join(ctx context.Context) error {
	if p.State() == Running {
		return ErrRunning
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle ends the workers if the pool was closed and has nothing left to do, and ends the pool when the workers are
// gone.
func (p *Pool) settle() {
	if p.state == Running && p.broken == nil || len(p.live) > 0 && p.state == Closed && p.broken == nil {
		return
	}
	if p.state == Closed {
		for _, m := range p.members {
			if !m.ending && m.there() {
				m.ending = true
				if !m.ready && p.cfg.Setup == nil && m.given == 0 {
					m.link.Kill() // it was never ready, so there is nothing to end in order
				} else {
					m.link.Stop()
				}
			}
		}
	}
	if len(p.members) > 0 || p.state == Running {
		return
	}
	select {
	case <-p.done:
	default:
		p.alarm.Stop()
		close(p.done)
		go p.transport.Close() // it waits for a goroutine that may be the caller
	}
}

// Starved reports whether there are tasks that wait, and no worker to do them.
func (p *Pool) Starved() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.calls) > 0 && len(p.members) == 0
}

// WorkerState is what a worker does.
type WorkerState struct {
	Name  string
	Host  string // its machine; empty: this one
	Pid   int    // 0: it isn't there yet
	Tasks int    // how many it has done
	Busy  bool
	Index int           // of the task that it runs, if it is Busy
	For   time.Duration // how long it has run that task
}

// Workers returns what the workers do, in the order in which they were started.
func (p *Pool) Workers() []WorkerState {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []WorkerState
	for _, m := range p.members {
		if m.gone || m.ending {
			continue
		}
		w := WorkerState{Name: m.name, Tasks: m.done}
		if m.link != nil {
			w.Pid, w.Host = m.link.Pid(), hostOf(m.link)
			if r, ok := m.link.Running(); ok {
				if c := m.chunk(r.Chunk); c != nil {
					w.Busy, w.Index, w.For = true, c.first+r.At, time.Since(r.Since)
				}
			}
		}
		list = append(list, w)
	}
	return list
}

// hostOf returns the name of a worker's machine; empty: it is this one.
func hostOf(l Link) string {
	if far, ok := l.(Machine); ok {
		return far.Host()
	}
	return ""
}

// there reports whether the worker can be reached.
func (m *member) there() bool { return m.link != nil && !m.gone }

// chunk returns the chunk with an ID that m holds; nil: it holds no such chunk.
func (m *member) chunk(id uint64) *chunk {
	for _, c := range m.chunks {
		if c.id == id {
			return c
		}
	}
	return nil
}

// holds reports whether m has a chunk of a call.
func (m *member) holds(c *Call) bool {
	return slices.ContainsFunc(m.chunks, func(ch *chunk) bool { return ch.call == c })
}

// exitReason says how a worker that was never ready has ended.
func exitReason(code int) string {
	if code < 0 {
		return fmt.Sprintf("a worker was ended by signal %d before it was ready", -code)
	}
	return fmt.Sprintf("a worker has ended with status %d before it was ready", code)
}
