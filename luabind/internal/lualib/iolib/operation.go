package iolib

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

// operation is one read or write of a stream. Where the context can end, or there may be
// news meanwhile, it is performed on a goroutine of its own, and left behind when the
// context ends, or what the news is about raises an error: what it reads then is there for
// the next read.
type operation struct {
	s    *stream
	read bool
	data []byte // to write, or to read into

	n   int
	err error

	done chan struct{} // of one with a goroutine
}

// do performs op. A read ends with something in unread, or an error.
func (s *stream) do(ctx context.Context, op *operation) error {
	if err := s.await(ctx); err != nil || op.read && len(s.unread) > 0 {
		return err
	}
	news := newsOf(ctx)
	if ctx.Done() == nil && (news.Come == nil || !s.mayWait(op.read)) {
		op.perform()
		return s.take(op)
	}
	if ctx.Err() != nil {
		return &endedError{ctx}
	}
	op.done = make(chan struct{})
	go op.performApart()
	s.underway = op
	return s.await(ctx)
}

// await waits for the operation that is under way, if there is one.
func (s *stream) await(ctx context.Context) error {
	op := s.underway
	if op == nil {
		return nil
	}
	for news, ended := newsOf(ctx), false; !ended; {
		select {
		case <-op.done:
			s.underway = nil
			return s.take(op)
		case <-news.Come:
			s.heed(news.Run)
		case <-ctx.Done():
			ended = true
		}
	}
	if op.interrupt() {
		s.underway = nil
		s.take(op)
	}
	return &endedError{ctx}
}

func (op *operation) perform() {
	s := op.s
	if op.read {
		op.n, op.err = s.reader.Read(op.data)
		return
	}
	// O_APPEND isn't honoured by every file system in memory.
	if _, ok := s.writer.(*os.File); s.appends && !ok {
		if _, op.err = s.seeker.Seek(0, io.SeekEnd); op.err != nil {
			return
		}
	}
	if op.n, op.err = s.writer.Write(op.data); op.err == nil && op.n < len(op.data) {
		op.err = io.ErrShortWrite
	}
}

// performApart keeps the panic of a file system from ending the program. On the
// goroutine of the script, Lua catches it.
func (op *operation) performApart() {
	defer close(op.done)
	defer func() {
		if r := recover(); r != nil {
			op.err = fmt.Errorf("%v", r)
		}
	}()
	op.perform()
}

// take makes the result of an operation that of the stream.
func (s *stream) take(op *operation) error {
	err := op.err
	if !op.read {
		return err
	}
	if err == io.ErrUnexpectedEOF { // of an afero.MemMapFs, beyond the end of a file
		err = io.EOF
	}
	last := err == io.EOF && s.text.held // a "\r" that nothing follows
	if op.n == 0 && !last {
		return err
	}
	s.unread, s.late = op.data[:op.n], err
	if s.text.on {
		s.decode(op.data[:op.n], err == io.EOF)
	}
	return nil
}

// interrupt ends an operation on a pipe or a socket, and says whether it has.
// Other files can't be interrupted.
func (op *operation) interrupt() bool {
	var end any = op.s.writer
	if op.read {
		end = op.s.reader
	}
	d, ok := end.(interface{ SetDeadline(time.Time) error })
	if !ok || d.SetDeadline(time.Unix(1, 0)) != nil {
		return false
	}
	<-op.done
	d.SetDeadline(time.Time{})
	if os.IsTimeout(op.err) {
		op.err = nil
	}
	return true
}
