package proc

import (
	"errors"
	"fmt"
	"io"
	"os"

	"luaspawn/proc/internal/wire"
)

// Self is what a child knows of itself.
type Self struct {
	Payload []byte     // what Command.Payload held; never nil
	Files   []*os.File // duplicates of Command.Files, in order, close-on-exec
	Daemon  bool       // what Command.Daemon held

	parent int
	gone   chan struct{}
}

// ParentPid returns the process id of the starter. Unlike os.Getppid it stays
// the same when the starter has ended.
func (s *Self) ParentPid() int { return s.parent }

// ParentGone returns a channel that is closed when the starter has ended.
func (s *Self) ParentGone() <-chan struct{} { return s.gone }

// Init belongs first in main and in TestMain, before anything that a child
// should not do. In a child it never returns: it receives what Start was given,
// calls main, and exits with the low eight bits of the result. In any other
// process it notes that Start may be used, and returns.
//
// A child whose starter ends before everything has arrived exits silently with
// status 1, one that can't receive it says why on standard error first.
func Init(main func(*Self) int) {
	nonce := os.Getenv(cookie)
	os.Unsetenv(cookie) // also when it isn't for us: it is for nobody below us
	initialized.Store(true)
	if len(nonce) != wire.NonceSize {
		return
	}
	c, err := claimChannel(nonce)
	if c == nil && err == nil {
		return
	}
	var self *Self
	if err == nil {
		self, err = receive(c, nonce)
	}
	if err != nil {
		if !cutOff(err) {
			fmt.Fprintln(os.Stderr, "proc: receive job:", err)
		}
		os.Exit(1)
	}
	takeName()
	if self.Daemon {
		tie(c)
	}
	go self.watchParent(c) // also of a daemon: its starter may have ended before it was tied
	os.Exit(main(self) & 0xff)
}

// receive reads from the control channel what this child is.
func receive(c *channel, nonce string) (*Self, error) {
	said, err := wire.ReadHello(c)
	if err != nil {
		return nil, err
	}
	if said != nonce {
		return nil, fmt.Errorf("%w: not the nonce of this child", wire.ErrBad)
	}
	job, err := wire.ReadJob(c)
	if err != nil {
		return nil, err
	}
	for announced := 0; announced < job.Files; {
		n, err := wire.ReadFiles(c)
		if err != nil {
			return nil, err
		}
		announced += n
		if announced > job.Files || c.received() != announced {
			return nil, fmt.Errorf("%w: %d descriptors, %d of %d were announced", wire.ErrBad, c.received(), announced, job.Files)
		}
	}
	payload, err := wire.ReadPayload(c, job.Payload)
	if err != nil {
		return nil, err
	}
	return &Self{
		Payload: payload,
		Files:   c.takeFiles(),
		Daemon:  job.Daemon,
		parent:  job.Parent,
		gone:    make(chan struct{}),
	}, nil
}

// cutOff reports whether err is what a starter leaves behind that has ended in
// the middle of its sentence.
func cutOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || peerGone(err)
}

// watchParent is the lifeline. Nothing more is said on the channel, so that a
// read returns when the other end is closed. While main computes the runtime's
// monitor still looks at the poller every 10 ms, and preempts main for us.
func (s *Self) watchParent(c *channel) {
	var b [64]byte
	for {
		if _, err := c.Read(b[:]); err != nil {
			break
		}
	}
	if s.Daemon {
		endNow()
	}
	close(s.gone)
}
