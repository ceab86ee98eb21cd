package repl

import (
	"errors"
	"io"
	"reflect"
	"syscall"
	"time"
)

// hangUpGrace is how long what was typed before a hang-up may still run, and how long
// it takes at least until one is noticed.
const hangUpGrace = time.Second

// awaitHangUp is called when In of p has ended with err. It calls hangUp if, and
// when, that means that nobody is there any more, and returns when closed is closed.
//
//	a terminal at the other end    it does
//	a connection                   the other side may have closed it for sending alone
//	any other reader               only if it failed
func (c *console) awaitHangUp(p *Prompt, err error, closed <-chan struct{}, hangUp func(error)) {
	tick := time.NewTicker(hangUpGrace)
	defer tick.Stop()
	probe := "\n"
	for {
		select {
		case <-closed:
			return
		case <-tick.C:
		}
		switch {
		case p.Size != nil || !errors.Is(err, io.EOF):
			hangUp(err)
			return
		case !same(p.In, p.Out):
			return
		}
		// What is sent to who is gone comes back as an error, with the write after
		// it; that may be empty.
		if _, failed := io.WriteString(c, probe); failed != nil {
			err = failed
		}
		probe = ""
	}
}

func same(a, b any) bool {
	return reflect.TypeOf(a).Comparable() && reflect.TypeOf(b).Comparable() && a == b
}

// outlet is an Out that is no file. Once nobody reads it any more, that is a hang-up.
type outlet struct {
	io.Writer
	hangUp func(error)
}

func (o *outlet) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrClosedPipe) {
		o.hangUp(err)
	}
	return n, err
}
