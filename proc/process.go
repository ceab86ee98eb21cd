package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// Process is a child that was started. Its methods may be called from any
// goroutine. It is reaped as soon as it ends, whether or not anyone joins.
type Process struct {
	*worker
	copiers []*copier
	done    chan struct{} // closed when it is reaped and its output has been delivered
	code    int           // written before done is closed, read after
}

// Pid returns the process id.
func (p *Process) Pid() int { return p.child.Pid }

// Settle waits until the child does at a signal what [DefaultSignals] says, or has
// ended. One that was kept ready does at once, another one some milliseconds after
// Start has returned; before, the Go runtime that is starting in it prints its
// goroutines at a SIGQUIT, say. One that is stopped is waited for for a second.
func (p *Process) Settle() {
	p.settle.Do(func() { p.channel.hear() }) // whatever it is: nothing else is said
}

// Join waits until the child has ended and everything that it printed has been
// delivered. It returns nil then, or ctx.Err() if the context ends before.
func (p *Process) Join(ctx context.Context) error {
	select {
	case <-p.done: // first, so that a child which has ended is always joined
		return nil
	default:
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Done returns a channel that is closed when Join would return nil.
func (p *Process) Done() <-chan struct{} { return p.done }

// ExitCode returns how the child ended: its status, 0 to 255 (on Windows any 32
// bits), or -N if signal N ended it. If something else in this process reaped
// it, and so took that knowledge away, it is 255. Until Done is closed, ended
// is false.
func (p *Process) ExitCode() (code int, ended bool) {
	select {
	case <-p.done:
		return p.code, true
	default:
		return 0, false
	}
}

// Usage returns, once Done is closed, how much processor time the child has taken, and how
// many bytes of memory it had at most, where the system says so.
func (p *Process) Usage() (processor time.Duration, memory int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.used, p.most
}

// Terminate sends SIGTERM. It does nothing, and returns nil, if the child has
// ended. On Windows it is the same as Kill, and the exit code of both is -15.
func (p *Process) Terminate() error { return p.signal(terminate) }

// Kill sends SIGKILL. It does nothing, and returns nil, if the child has ended.
func (p *Process) Kill() error { return p.signal(os.Kill) }

// Interrupt sends SIGINT. It does nothing, and returns nil, if the child has
// ended. On Windows it is an error.
func (p *Process) Interrupt() error { return p.signal(os.Interrupt) }

func (p *Process) signal(s os.Signal) error {
	if err := sendSignal(p.child, s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("proc: send %v to process %d: %w", s, p.Pid(), err)
	}
	return nil
}

// finish is called when the child was reaped. Done promises the output, so that
// comes before the list.
func (p *Process) finish(code int) {
	p.channel.Close()
	for _, c := range p.copiers {
		c.finish()
	}
	for _, c := range p.copiers {
		<-c.delivered
	}
	p.delist(code)
}

// unknownCode is the exit code of a child that somebody else has reaped.
const unknownCode = 255

// children is a fact about this process: those that Start returned and that
// have not ended, in order of start.
var children struct {
	sync.Mutex
	list []*Process
}

// Children returns those children of this process that have not ended, in the
// order in which Start returned them. A child is in it until Done is closed.
func Children() []*Process {
	children.Lock()
	defer children.Unlock()
	return slices.Clone(children.list)
}

// enlist puts p among the children, unless it has ended already.
func (p *Process) enlist() {
	children.Lock()
	defer children.Unlock()
	if _, ended := p.ExitCode(); !ended {
		children.list = append(children.list, p)
	}
}

// delist declares p ended. That and leaving the list are one for whoever looks.
func (p *Process) delist(code int) {
	children.Lock()
	defer children.Unlock()
	if i := slices.Index(children.list, p); i >= 0 {
		children.list = slices.Delete(children.list, i, i+1)
	}
	p.code = code
	close(p.done)
}
