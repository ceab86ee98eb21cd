package proc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"

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
	files := c.filesFor(nil)
	if err := checkFiles(files); err != nil {
		return nil, err
	}
	size := uint64(len(c.Head)) + uint64(len(c.Payload))
	job := wire.Job{
		Daemon:   c.Daemon,
		OwnGroup: c.OwnGroup,
		Parent:   os.Getpid(),
		Files:    len(files),
		Standing: c.Standing != nil,
		Payload:  size,
		Room:     min(uint64(max(c.Room, 0)), wire.MaxRoom*size),
	}
	if err := job.Check(); err != nil {
		return nil, err
	}
	if job.Threads = scarceThreads(); job.Threads {
		err := makeThreads(toStart)
		if err != nil && Drain() > 0 { // perhaps for want of what those have
			err = makeThreads(toStart)
		}
		if err != nil {
			return nil, err
		}
	}
	out, err := openOutputs(c.Stdout, c.Stderr)
	if err != nil {
		return nil, err
	}
	s, err := startReady(ctx, job, out, c)
	if s == nil && err == nil {
		s, err = startCold(ctx, job, out, c)
	}
	ready.replace()
	if err != nil {
		out.abandon()
		if s != nil {
			s.discard()
			<-s.reaped
		}
		return nil, err
	}
	p := &Process{worker: s, copiers: out.run(), done: make(chan struct{})}
	p.enlist()
	s.atEnd(p.finish)
	return p, nil
}

// startReady gives the job to a child that was kept ready. If there is none, it
// returns nil. One that turns out to be dead, or not to listen, or not to be what a
// child started now would be, is replaced by the next: nothing was started in it.
func startReady(ctx context.Context, job wire.Job, out *outputs, c *Command) (*worker, error) {
	for {
		s, made := ready.take(c.Standing, c.Lasting)
		if s == nil {
			return nil, nil
		}
		onto := append(slices.Clip(made.open), out.onto()...)
		job.Onto, job.Files, job.Standing = len(onto), len(c.Files), false // it has that one
		// A small job is told before, so that the child reads it meanwhile.
		large := job.Payload > smallJob
		err := s.assign(ctx, func() error {
			if s.has != c.Standing || large && !ready.check(made) {
				return errDiffers
			}
			if err := s.tell(job, onto, c); err != nil {
				return err
			}
			if !large && !ready.check(made) {
				return errDiffers
			}
			if _, err := s.channel.Write(wire.Go); err != nil {
				return err
			}
			return s.hearTaken()
		})
		if err == nil || ctx.Err() != nil {
			return s, err
		}
		ready.letGo(s)
		if job.Files+job.Onto > 0 {
			<-s.reaped // it may have what others wait to see closed
		}
	}
}

// smallJob is how many bytes can be told to a child for nothing.
const smallJob = 128 << 10

var errDiffers = errors.New("a child that was kept ready differs from one that is started now")

// startCold starts a child for the job.
func startCold(ctx context.Context, job wire.Job, out *outputs, c *Command) (*worker, error) {
	s, err := startNew(ctx, job, out, c)
	if err != nil && ctx.Err() == nil && Drain() > 0 { // perhaps for want of what they have
		s, err = startNew(ctx, job, out, c)
	}
	return s, err
}

// startNew starts a child. Where it may get no threads it returns when the child has
// got its job; one that was killed before that, or is stopped, has been started too.
// After an error nothing is left of it.
func startNew(ctx context.Context, job wire.Job, out *outputs, c *Command) (*worker, error) {
	var words *firstWords // nil: nobody waits for the child
	var err error
	if job.Threads {
		if words, err = listen(); err != nil {
			return nil, err
		}
	}
	stdout, stderr := out.stdout, out.stderr
	var streams []onto
	if words != nil {
		defer words.close()
		stdout, stderr = words.file, words.file
		streams = out.onto()
		job.Onto = len(streams)
	}
	var s *worker
	if words == nil && stdout == os.Stdout && stderr == os.Stderr && !c.OwnGroup {
		s = ready.takeEarly()
	}
	if s == nil {
		if s, err = launch(os.Environ(), c.OwnGroup, stdout, stderr); err != nil {
			return nil, err
		}
	}
	if c.Daemon {
		bind(s.child)
	}
	err = s.assign(ctx, func() error {
		if err := s.tell(job, streams, c); err != nil || words == nil {
			return err
		}
		return s.hearTaken()
	})
	switch {
	case err != nil && ctx.Err() != nil:
	case err == nil && words != nil:
		words.pass(out.stderr)
	case err == nil, errors.Is(err, errSilence):
		return s, nil
	case words == nil && s.hungUp(err):
		return s, nil
	case words != nil && (cutOff(err) || s.hungUp(err)):
		<-s.gone // it is about to be, for its end of the channel is closed
		if err = words.reason(s.code); err == nil {
			return s, nil
		}
	}
	if err != nil {
		s.discard()
		<-s.reaped
		return nil, err
	}
	return s, nil
}

// hearTaken waits until a child that was kept ready has taken its job. It waits
// for as long as that one may take it: a job must not be run twice. One that is
// stopped won't.
func (s *worker) hearTaken() error {
	err := s.hear(wire.Taken, s.runs)
	if err == nil {
		s.settle.Do(func() {})
	}
	return err
}

// runs reports whether the child isn't stopped.
func (s *worker) runs() bool { return !stopped(s.child.Pid) }

// errThreads is the error of a child, or of this process, that can't have the threads
// which it may need: the system's EAGAIN, and what limits them.
var errThreads error = &threadsError{}

type threadsError struct{}

func (*threadsError) Error() string {
	return "no more threads: " + syscall.EAGAIN.Error() + " (ulimit -u, or pids.max of the control group, is the limit)"
}

func (*threadsError) Unwrap() error { return syscall.EAGAIN }
