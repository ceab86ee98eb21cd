package shared

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// A Pipe is one end of a pair through which messages go, each as a whole: bytes,
// and files that it brings along. A process that dies leaves no half of one,
// and several may send, or receive, at the same end.
//
//	packet = 'm' bytes              a message
//	       | 'l' length             a long one: its bytes are in a memfd, the first of the files
type Pipe struct {
	file     *os.File // in the poller
	conn     syscall.RawConn
	fd       int
	read     bool
	write    bool
	packet   []byte // where packets arrive
	oob      []byte // and their files
	expired  bool   // file has a deadline that must go first
	outgoing []byte
}

const (
	packetMessage = 'm'
	packetLong    = 'l'

	longMessage = 32 << 10 // from here on a message is a long one; sockets hold 200 KiB
)

var (
	// ErrReadOnly is returned by Send where only the other end can.
	ErrReadOnly = errors.New("connection is read-only")

	// ErrWriteOnly is returned by Recv where only the other end can.
	ErrWriteOnly = errors.New("connection is write-only")
)

// NewPipe returns the two ends of a pipe. If it isn't duplex, the first one only
// receives and the second one only sends.
func NewPipe(duplex bool) (*Pipe, *Pipe, error) {
	a, b, err := packetPair()
	if err != nil {
		return nil, nil, err
	}
	first, err := newPipe(a, true, duplex)
	second, err2 := newPipe(b, duplex, true)
	if err := errors.Join(err, err2); err != nil {
		return nil, nil, err
	}
	return first, second, nil
}

// OpenPipe takes over the file of an end that another process has sent, and
// which may read and write.
func OpenPipe(files []*os.File, read, write bool) (*Pipe, error) {
	if len(files) != 1 {
		closeAll(files)
		return nil, ErrBad
	}
	fd, err := takeDescriptor(files[0])
	if err != nil {
		return nil, err
	}
	return newPipe(fd, read, write)
}

func newPipe(fd int, read, write bool) (*Pipe, error) {
	p := &Pipe{file: os.NewFile(uintptr(fd), "pipe"), fd: fd, read: read, write: write}
	var err error
	if p.conn, err = p.file.SyscallConn(); err != nil {
		p.file.Close()
		return nil, err
	}
	return p, nil
}

// Readable and Writable say what this end can do.
func (p *Pipe) Readable() bool { return p.read }
func (p *Pipe) Writable() bool { return p.write }

// Send sends a message, and waits for room. The caller keeps the files. Where all
// holders of the other end are gone the error is syscall.EPIPE.
func (p *Pipe) Send(ctx context.Context, data []byte, files []*os.File) error {
	if !p.write {
		return ErrReadOnly
	}
	if len(files) >= MaxFiles {
		return ErrFiles
	}
	if len(data) < longMessage {
		p.outgoing = append(append(p.outgoing[:0], packetMessage), data...)
	} else {
		f, err := bodyFile(data)
		if err != nil {
			return err
		}
		defer f.Close()
		files = append([]*os.File{f}, files...)
		p.outgoing = binary.BigEndian.AppendUint64(append(p.outgoing[:0], packetLong), uint64(len(data)))
	}
	return p.wait(ctx, p.conn.Write, func() (bool, error) { return sendPacket(p.fd, p.outgoing, files) })
}

// Recv receives a message, and waits for one. The files are the caller's. Where
// all holders of the other end are gone the error is io.EOF.
func (p *Pipe) Recv(ctx context.Context) (data []byte, files []*os.File, err error) {
	if !p.read {
		return nil, nil, ErrWriteOnly
	}
	if p.packet == nil {
		p.packet, p.oob = make([]byte, longMessage+1), make([]byte, roomForFiles)
	}
	var n int
	if err := p.wait(ctx, p.conn.Read, func() (bool, error) {
		n, files, err = recvPacket(p.fd, p.packet, p.oob, 0)
		return n >= 0, err
	}); err != nil {
		return nil, nil, err
	}
	switch packet := p.packet[:n]; {
	case n == 0:
		return nil, nil, io.EOF
	case packet[0] == packetMessage:
		return append(make([]byte, 0, n-1), packet[1:]...), files, nil
	case packet[0] == packetLong && n == 9 && len(files) > 0:
		data, err := readBody(files[0], binary.BigEndian.Uint64(packet[1:]))
		files[0].Close()
		if err != nil {
			closeAll(files[1:])
			return nil, nil, err
		}
		return data, files[1:], nil
	}
	closeAll(files)
	return nil, nil, ErrBad
}

// AwaitReadable returns when a message or the end is there, or with the error of
// ctx.
func (p *Pipe) AwaitReadable(ctx context.Context) error {
	if !p.read {
		return ErrWriteOnly
	}
	return p.wait(ctx, p.conn.Read, func() (bool, error) { return readable(p.fd), nil })
}

// wait tries until it is done, or ctx has ended.
func (p *Pipe) wait(ctx context.Context, begin func(func(uintptr) bool) error, try func() (bool, error)) error {
	if p.fd < 0 {
		return ErrClosed
	}
	if p.expired {
		p.file.SetDeadline(time.Time{})
		p.expired = false
	}
	var stop func() bool
	over := make(chan struct{})
	var done bool
	var err error
	berr := begin(func(uintptr) bool {
		if done, err = try(); done || err != nil {
			return true
		}
		if stop == nil && ctx.Done() != nil {
			stop = context.AfterFunc(ctx, func() {
				defer close(over)
				p.file.SetDeadline(time.Unix(1, 0))
			})
		}
		return false
	})
	if stop != nil && !stop() {
		<-over
		p.expired = true
	}
	switch {
	case done || err != nil:
		return err
	case errors.Is(berr, os.ErrDeadlineExceeded):
		return ctx.Err()
	}
	return berr
}

// Fd returns the descriptor, which stays the pipe's.
func (p *Pipe) Fd() int { return p.fd }

// Files returns what to send to another process, to be opened there.
func (p *Pipe) Files() ([]*os.File, error) {
	if p.fd < 0 {
		return nil, ErrClosed
	}
	f, err := duplicate(p.fd, "pipe")
	if err != nil {
		return nil, err
	}
	return []*os.File{f}, nil
}

// Close closes this end here. A second call does nothing.
func (p *Pipe) Close() error {
	p.fd = -1
	p.file.Close()
	return nil
}

// AwaitDescriptor returns when a descriptor, a non-blocking one, has something to
// be read, or with the error of ctx.
func AwaitDescriptor(ctx context.Context, fd int) error {
	f, err := duplicate(fd, "descriptor")
	if err != nil {
		return err
	}
	defer f.Close()
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	p := Pipe{file: f, conn: conn, read: true}
	conn.Control(func(d uintptr) { p.fd = int(d) })
	return p.AwaitReadable(ctx)
}
