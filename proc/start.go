package proc

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"

	"luaspawn/proc/internal/wire"
)

// Start starts a child and returns when everything that c holds has been handed
// to it, which may be before it has read all of that. A nil c is the zero
// Command.
//
// The context governs the starting only: if it ends while a large payload is
// still being sent, the child is killed and reaped, and its error returned.
// Otherwise an error means that there is no child, and that nothing is left
// of the attempt; the system's own is in it, so that errors.Is(err,
// syscall.EAGAIN) tells. A child that ends in the middle of being told is none:
// it was started, and its exit code says how it ended.
//
// It is an error that matches errors.ErrUnsupported to pass files where that
// isn't possible.
func Start(ctx context.Context, c *Command) (*Process, error) {
	if !initialized.Load() {
		return nil, ErrNoInit
	}
	if c == nil {
		c = new(Command)
	}
	p, err := start(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("proc: start: %w", err)
	}
	return p, nil
}

func start(ctx context.Context, c *Command) (*Process, error) {
	// What can be refused is refused before there is a process.
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkFiles(c.Files); err != nil {
		return nil, err
	}
	job, err := wire.AppendJob(nil, wire.Job{
		Daemon:  c.Daemon,
		Parent:  os.Getpid(),
		Files:   len(c.Files),
		Payload: uint64(len(c.Payload)),
	})
	if err != nil {
		return nil, err
	}

	p, err := launch(c.Stdout, c.Stderr)
	if err != nil {
		return nil, err
	}
	if err := p.assign(ctx, job, c); err != nil {
		p.Kill()
		// Not until Done: a Writer may block for as long as it likes.
		<-p.reaped
		return nil, err
	}
	p.enlist()
	return p, nil
}

// launch starts a child that has been told nothing but hello. It waits for a
// job, is reaped if it ends, and ends if its channel is closed.
func launch(stdout, stderr io.Writer) (*Process, error) {
	exe, err := executable()
	if err != nil {
		return nil, err
	}
	args := []string{exe}
	if len(os.Args) > 0 {
		args = os.Args[:1]
	}
	ours, theirs, err := openChannel()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	nonce := newNonce()
	// Said before the child exists: it fits into any buffer, and the child
	// finds it there.
	if _, err := ours.Write(wire.AppendHello(nil, nonce)); err != nil {
		ours.Close()
		return nil, err
	}
	out, err := openOutputs(stdout, stderr)
	if err != nil {
		ours.Close()
		return nil, err
	}
	attr := &os.ProcAttr{
		Env:   environment(nonce),
		Files: []*os.File{theirs, out.stdout, out.stderr},
	}
	end := watchEnd(attr)
	child, err := os.StartProcess(exe, args, attr)
	if err != nil {
		out.abandon()
		ours.Close()
		return nil, err
	}
	p := &Process{
		child:   child,
		channel: ours,
		copiers: out.run(),
		reaped:  make(chan struct{}),
		done:    make(chan struct{}),
	}
	go p.watch(end)
	return p, nil
}

// newNonce returns what tells one child from another. It is no secret, so the
// runtime's generator will do, and crypto/rand isn't paid for by every child.
func newNonce() string {
	return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
}

// environment returns this process's environment, with the cookie.
func environment(nonce string) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, cookie+"=") {
			env = append(env, v)
		}
	}
	return append(env, cookie+"="+nonce)
}

// assign tells a launched child what it is to do. If the context ends, the
// child is killed: that closes its end of the channel, which is what a blocked
// write is waiting for.
func (p *Process) assign(ctx context.Context, job []byte, c *Command) error {
	release := context.AfterFunc(ctx, func() { p.Kill() })
	err := p.tell(job, c)
	if !release() {
		return ctx.Err()
	}
	if err != nil && p.hungUp(err) {
		return nil
	}
	return err
}

// tell says on the control channel what the child receives, in its order.
func (p *Process) tell(job []byte, c *Command) error {
	if _, err := p.channel.Write(job); err != nil {
		return err
	}
	for files := c.Files; len(files) > 0; {
		n := min(len(files), wire.MaxFilesPerFrame)
		if err := p.channel.sendFiles(wire.AppendFiles(nil, n), files[:n]); err != nil {
			return err
		}
		files = files[n:]
	}
	_, err := p.channel.Write(c.Payload)
	return err
}

// hungUp reports whether err, of a write to the channel, means that the child
// has ended: either its end is closed, or ours is, which follows the reaping.
func (p *Process) hungUp(err error) bool {
	select {
	case <-p.reaped:
		return true
	default:
		return peerGone(err)
	}
}
