package proc

import (
	"bytes"
	"errors"
	"io"
	"os"
	"reflect"
	"time"
)

// outputs are the two streams of a child that is about to be started.
type outputs struct {
	stdout, stderr *os.File   // the child's ends
	pipes          []*os.File // those of them that are ours to close
	copiers        []*copier  // the other ends
}

// openOutputs makes the child's ends for two Writers, each as in Command.
func openOutputs(stdout, stderr io.Writer) (*outputs, error) {
	o := new(outputs)
	var err error
	if o.stdout, err = o.open(stdout, os.Stdout); err != nil {
		return nil, err
	}
	// One pipe for one Writer keeps the order of what is written to both.
	if stdout != nil && equal(stdout, stderr) {
		o.stderr = o.stdout
		return o, nil
	}
	if o.stderr, err = o.open(stderr, os.Stderr); err != nil {
		o.abandon()
		return nil, err
	}
	return o, nil
}

// open returns the child's end for w, or own if w is nil.
func (o *outputs) open(w io.Writer, own *os.File) (*os.File, error) {
	if w == nil {
		return own, nil
	}
	if f, ok := w.(*os.File); ok {
		return f, nil
	}
	r, child, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	o.pipes = append(o.pipes, child)
	o.copiers = append(o.copiers, &copier{from: r, to: w, delivered: make(chan struct{})})
	return child, nil
}

// equal reports whether a and b are the same Writer, where that can be asked.
func equal(a, b io.Writer) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.ValueOf(a).Comparable() && a == b
}

// onto returns them as descriptors 1 and 2 of a child. Those are blocking, as
// they are in one that inherits them.
func (o *outputs) onto() []onto {
	o.stdout.Fd()
	o.stderr.Fd()
	return []onto{{1, o.stdout}, {2, o.stderr}}
}

// run closes the ends that the child has now, and starts the copying.
func (o *outputs) run() []*copier {
	for _, f := range o.pipes {
		f.Close()
	}
	for _, c := range o.copiers {
		go c.run()
	}
	return o.copiers
}

// abandon closes everything; the child wasn't started.
func (o *outputs) abandon() {
	for _, f := range o.pipes {
		f.Close()
	}
	for _, c := range o.copiers {
		c.from.Close()
	}
}

const (
	minRead = 4 << 10 // bytes of room for a read, at least
	maxLine = 1 << 20 // bytes of a line that are kept back, at most
)

// copier carries what comes out of a pipe to a Writer, in whole lines. The pipe
// may outlive the child, in the hands of grandchildren; so there are two ends:
// of the child, when all that it had written is delivered, and of the file.
type copier struct {
	from      *os.File
	to        io.Writer // nil once it has failed
	line      []byte    // the unfinished line; its capacity is where reads go
	delivered chan struct{}
}

// finish makes the copier deliver what is in the pipe, and close delivered. It
// is for the time when the child has ended, and doesn't wait.
func (c *copier) finish() {
	// This wakes the read in run. It fails where the pipe can't do that, on
	// Windows, and if it is closed already: then the end of the file, which
	// is to come or has come, is the only end.
	_ = c.from.SetReadDeadline(time.Now())
}

func (c *copier) run() {
	defer c.from.Close()
	waiting := true // for the end of the child
	for {
		n, err := c.from.Read(c.room())
		c.take(n)
		switch {
		case err == nil:
		case waiting && errors.Is(err, os.ErrDeadlineExceeded):
			c.drain()
			c.flush()
			waiting = false
			_ = c.from.SetReadDeadline(time.Time{})
			close(c.delivered)
		default:
			c.flush()
			if waiting {
				close(c.delivered)
			}
			return
		}
	}
}

// drain takes what is in the pipe now, and no more: a grandchild may write
// faster than we read.
func (c *copier) drain() {
	for left := unread(c.from); left > 0; {
		n := readNow(c.from, c.room())
		if n <= 0 {
			return
		}
		c.take(n)
		left -= n
	}
}

// room returns where to read to, behind the unfinished line. take keeps that
// line shorter than maxLine, so there always is some.
func (c *copier) room() []byte {
	if n := len(c.line); cap(c.line)-n < minRead && cap(c.line) < maxLine {
		grown := make([]byte, n, min(max(2*cap(c.line), 2*minRead), maxLine))
		copy(grown, c.line)
		c.line = grown
	}
	return c.line[len(c.line):cap(c.line)]
}

// take adds n bytes, which were read into room, and writes all whole lines.
func (c *copier) take(n int) {
	old := len(c.line)
	c.line = c.line[:old+n]
	switch end := old + bytes.LastIndexByte(c.line[old:], '\n') + 1; {
	case end > old:
		c.write(c.line[:end])
		c.line = c.line[:copy(c.line, c.line[end:])]
	case len(c.line) == maxLine:
		c.flush()
	}
}

// flush writes the unfinished line.
func (c *copier) flush() {
	if len(c.line) > 0 {
		c.write(c.line)
		c.line = c.line[:0]
	}
}

// write hands b on, or throws it away if that has failed once: a child must
// not block because of a Writer that nobody reads from.
func (c *copier) write(b []byte) {
	if c.to == nil {
		return
	}
	if n, err := c.to.Write(b); err != nil || n < len(b) {
		c.to = nil
	}
}
