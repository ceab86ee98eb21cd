//go:build !linux || portable

package ipc

import (
	"context"
	"io"
	"os"
	"runtime"
	"sync"
	"syscall"
)

// A Pipe is one end of a pair through which messages go, each as a whole: bytes,
// and files that it brings along. A process that dies leaves no half of one,
// and several may send, or receive, at the same end.
//
// Here it is a queue for each way, and a line by which the kernel says that nobody has
// the other end any more.
type Pipe struct {
	in, out *Queue // nil: the other end only receives, or only sends
	line    *line

	watching sync.Once
	closing  sync.Once
	lost     runtime.Cleanup // closes the line when nobody refers to the pipe: who watches it does to the line
}

// PipeFiles is how many files a duplex pipe is sent as.
const PipeFiles = lineFiles + 2*(segmentFiles+courierFiles)

// A sender waits while so many bytes are there that nobody has received.
const pipeRoom = 200 << 10

// NewPipe returns the two ends of a pipe. If it isn't duplex, the first one only
// receives and the second one only sends.
func NewPipe(duplex bool) (*Pipe, *Pipe, error) {
	one, other, err := newLine()
	if err != nil {
		return nil, nil, err
	}
	a, b := &Pipe{line: one}, &Pipe{line: other}
	if a.in, b.out, err = bothEnds(); err == nil && duplex {
		b.in, a.out, err = bothEnds()
	}
	if err != nil {
		a.Close()
		b.Close()
		return nil, nil, err
	}
	return a.limit(), b.limit(), nil
}

// bothEnds returns a queue as two have it open.
func bothEnds() (a, b *Queue, err error) {
	if a, err = NewQueue(0, false); err != nil {
		return nil, nil, err
	}
	files, err := a.Files()
	if err == nil {
		b, err = OpenQueue(files)
	}
	if err != nil {
		a.Close()
		return nil, nil, err
	}
	return a, b, nil
}

func (p *Pipe) limit() *Pipe {
	p.lost = runtime.AddCleanup(p, (*line).close, p.line)
	for _, q := range []*Queue{p.in, p.out} {
		if q != nil {
			q.limit = pipeRoom
		}
	}
	return p
}

// OpenPipe takes over the files of an end that another process has sent, and
// which may read and write.
func OpenPipe(files []*os.File, read, write bool) (_ *Pipe, err error) {
	const each = segmentFiles + courierFiles
	want := lineFiles
	for _, has := range []bool{read, write} {
		if has {
			want += each
		}
	}
	if len(files) != want {
		closeAll(files)
		return nil, ErrBad
	}
	p := &Pipe{}
	p.line, err = openLine(files[:lineFiles])
	files = files[lineFiles:]
	for _, way := range []struct {
		has bool
		q   **Queue
	}{{read, &p.in}, {write, &p.out}} {
		if err == nil && way.has {
			*way.q, err = OpenQueue(files[:each])
			files = files[each:]
		}
	}
	if err != nil {
		closeAll(files)
		p.Close()
		return nil, err
	}
	return p.limit(), nil
}

// Readable and Writable say what this end can do.
func (p *Pipe) Readable() bool { return p.in != nil }
func (p *Pipe) Writable() bool { return p.out != nil }

// Send sends a message, and waits for room. The caller keeps the files. Where all
// holders of the other end are gone the error is syscall.EPIPE.
func (p *Pipe) Send(ctx context.Context, data []byte, files []*os.File) error {
	if p.out == nil {
		return ErrReadOnly
	}
	if len(files) >= MaxFiles {
		return ErrFiles
	}
	_, err := p.out.put(ctx, Forever, data, files, func() error { return p.over(os.NewSyscallError("send", syscall.EPIPE)) })
	return err
}

// Recv receives a message, and waits for one. The files are the caller's. Where
// all holders of the other end are gone the error is io.EOF.
func (p *Pipe) Recv(ctx context.Context) (data []byte, files []*os.File, err error) {
	if p.in == nil {
		return nil, nil, ErrWriteOnly
	}
	data, files, _, err = p.in.get(ctx, Forever, func() error { return p.over(io.EOF) })
	return data, files, err
}

// Drop throws the next message away, after a RoomError.
func (p *Pipe) Drop() { p.in.drop() }

// over returns the error if nobody has the other end, which is looked for from now on.
func (p *Pipe) over(err error) error {
	p.watching.Do(func() {
		var notifiers []*notifier
		for _, q := range []*Queue{p.in, p.out} {
			if q != nil {
				notifiers = append(notifiers, q.s.notifier)
			}
		}
		p.line.watch(func() {
			for _, n := range notifiers {
				n.notify()
			}
		})
	})
	if p.line.ended() {
		return err
	}
	return nil
}

// AwaitReadable returns when a message or the end is there, or with the error of
// ctx.
func (p *Pipe) AwaitReadable(ctx context.Context) error {
	if p.in == nil {
		return ErrWriteOnly
	}
	s := p.in.s
	return s.awaitReady(ctx, func() bool { return s.state(qCount) > 0 || p.over(io.EOF) != nil })
}

// Poll is AwaitReadable.
func (p *Pipe) Poll(ctx context.Context) error { return p.AwaitReadable(ctx) }

// Fd returns a descriptor of the pipe's, which says nothing of what is there to be received.
func (p *Pipe) Fd() int { return p.line.fd() }

// Files returns what to send to another process, to be opened there.
func (p *Pipe) Files() ([]*os.File, error) {
	files, err := p.line.files()
	for _, q := range []*Queue{p.in, p.out} {
		if err == nil && q != nil {
			var more []*os.File
			more, err = q.Files()
			files = append(files, more...)
		}
	}
	if err != nil {
		closeAll(files)
		return nil, err
	}
	return files, nil
}

// Close closes this end here. A second call does nothing.
func (p *Pipe) Close() error {
	p.closing.Do(func() {
		for _, q := range []*Queue{p.in, p.out} {
			if q != nil {
				q.Close()
			}
		}
		if p.lost.Stop(); p.line != nil {
			p.line.close()
		}
	})
	return nil
}
