package proc

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"luaspawn/proc/internal/wire"
)

// A worker is a child that was started and has not been told its job. It is
// reaped if it ends, and ends if its channel is closed.
type worker struct {
	child   *os.Process
	forget  func()        // called when it was reaped
	channel *channel      // our end; while it is open the child knows that we live
	reaped  chan struct{} // closed when there is no such process any more
	gone    chan struct{} // closed later, when then has returned
	noted   int           // how many notes it has been told; of prestarted
	woken   int           // how often it was woken; of prestarted
	has     *os.File      // a file that it got before its job; nil: none
	settle  sync.Once     // hears that it has its job

	mu    sync.Mutex
	ended bool
	code  int            // how it ended
	used  time.Duration  // processor time that it took
	most  int64          // memory that it had at most, in bytes
	then  func(code int) // closes the channel and does what else is to be done at the end
}

// launch starts a child that has been told nothing but hello, with this environment
// and these as its standard output, its standard error, and its descriptors from 3
// on. It is a process group of its own if ownGroup says so.
func launch(environ []string, ownGroup bool, files ...*os.File) (*worker, error) {
	exe, err := executable()
	if err != nil {
		return nil, err
	}
	args := []string{exe}
	if len(os.Args) > 0 {
		args = os.Args[:1:1]
	}
	if titleRoom != "" {
		args = append(args, titleRoom)
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
	attr := &os.ProcAttr{
		Env:   append(without(environ, cookie), cookie+"="+nonce),
		Files: append([]*os.File{theirs}, files...),
	}
	end := watchEnd(attr)
	if ownGroup {
		launchInOwnGroup(attr)
	}
	var child *os.Process
	forget, err := Own(func() (pid int, err error) {
		runtime.LockOSThread() // the child inherits from this one
		defer runtime.UnlockOSThread()
		followFirst()
		if child, err = os.StartProcess(exe, args, attr); err != nil {
			return 0, err
		}
		return child.Pid, nil
	})
	if err != nil {
		ours.Close()
		return nil, err
	}
	ours.leadsTo(child)
	s := &worker{child: child, forget: forget, channel: ours, reaped: make(chan struct{}), gone: make(chan struct{})}
	s.then = s.close
	go s.watch(end)
	return s, nil
}

// newNonce returns what tells one child from another. It is no secret, so the
// runtime's generator will do, and crypto/rand isn't paid for by every child.
func newNonce() string {
	return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
}

// without returns an environment but for one variable, in memory of its own.
func without(environ []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(environ), isOf(name))
}

// isOf returns a function that reports whether an entry of an environment is of a
// variable.
func isOf(name string) func(entry string) bool {
	return func(entry string) bool { return strings.HasPrefix(entry, name+"=") }
}

// watch waits for the end of the child and reaps it: first of all, since a
// signal must not reach a stranger with the same pid.
func (s *worker) watch(end *endWatch) {
	end.wait(s.child)
	code := unknownCode
	var used time.Duration
	var most int64
	if state, err := s.child.Wait(); err == nil {
		code = exitCode(state)
		used, most = usageOf(state)
	}
	s.forget()
	close(s.reaped)
	s.mu.Lock()
	s.ended, s.code, s.used, s.most = true, code, used, most
	then := s.then
	s.mu.Unlock()
	then(code)
	close(s.gone)
}

func (s *worker) close(int) { s.channel.Close() }

// isGone reports whether nothing is left of it.
func (s *worker) isGone() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

// discard ends the child. It doesn't wait.
func (s *worker) discard() {
	s.child.Kill()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.then = s.close
	if s.ended {
		s.close(s.code)
	}
}

// atEnd lets f be called at the end of the child, instead of what was to be
// called before. If it has ended already, that is now. Nobody waits for f.
func (s *worker) atEnd(f func(code int)) {
	s.mu.Lock()
	s.then = f
	ended, code := s.ended, s.code
	s.mu.Unlock()
	if ended {
		go f(code)
	}
}

// assign tells the child its job. If the context ends, the child is killed: that
// closes its end of the channel, which is what a blocked write is waiting for.
// An error means that the child has to be killed and that it has not begun.
func (s *worker) assign(ctx context.Context, say func() error) error {
	release := context.AfterFunc(ctx, func() { s.child.Kill() })
	err := say()
	if !release() {
		return ctx.Err()
	}
	return err
}

// tell says on the control channel what the child receives, in its order. The
// descriptors of onto get their numbers in the child, and come first.
func (s *worker) tell(job wire.Job, onto []onto, c *Command) error {
	frames, err := wire.AppendJob(nil, job)
	if err != nil {
		return err
	}
	var with []*os.File // go with the first byte of frames
	add := func(files ...*os.File) error {
		if len(with)+len(files) > wire.MaxFilesPerFrame {
			if err := s.channel.sendFiles(with, frames); err != nil {
				return err
			}
			frames, with = frames[:0], with[:0]
		}
		with = append(with, files...)
		return nil
	}
	for _, o := range onto {
		if err := add(o.file); err != nil {
			return err
		}
		frames = wire.AppendOnto(frames, o.number)
	}
	for files := c.filesFor(s.has); len(files) > 0; {
		n := min(len(files), wire.MaxFilesPerFrame)
		if err := add(files[:n]...); err != nil {
			return err
		}
		frames = wire.AppendFiles(frames, n)
		files = files[n:]
	}
	s.channel.expect(int(job.Payload))
	return s.channel.sendFiles(with, frames, c.Head, c.Payload)
}

// filesFor returns the files that a child gets with its job which has one already, or
// none.
func (c *Command) filesFor(has *os.File) []*os.File {
	if c.Standing == has {
		return c.Files
	}
	return append([]*os.File{c.Standing}, c.Files...)
}

// onto is a descriptor that has a certain number in the child.
type onto struct {
	number int
	file   *os.File
}

// hungUp reports whether err, of a write to the channel, means that the child
// has ended: either its end is closed, or ours is, which follows the reaping.
func (s *worker) hungUp(err error) bool {
	select {
	case <-s.reaped:
		return true
	default:
		return peerGone(err)
	}
}

// hear waits for an answer of the child, as long as it may be silent; that is
// asked once a second.
func (s *worker) hear(answer byte, mayBeSilent func() bool) error {
	for {
		switch b, err := s.channel.hear(); {
		case err == errSilence && mayBeSilent():
		case err != nil:
			return err
		case b != answer:
			return errAnswer
		default:
			return nil
		}
	}
}

var (
	errSilence = errors.New("a child that was kept ready doesn't answer")
	errAnswer  = errors.New("a child that was kept ready doesn't keep to the protocol")
)
