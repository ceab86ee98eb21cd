//go:build linux && !portable

package ipc

import (
	"context"
	"encoding/binary"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// A Pipe is one end of a pair through which messages go, each as a whole: bytes,
// and files that it brings along. A process that dies leaves no half of one,
// and several may send, or receive, at the same end.
//
//	packet = 'm' bytes              a message
//	       | 'l' length [from]      a long one: its bytes are in a memfd, the first of the files,
//	                                from this place on; without it, from its beginning
type Pipe struct {
	file     *os.File // closes fd, at the latest when nobody refers to it
	fd       int      // -1: closed
	read     bool
	write    bool
	packet   []byte // where packets arrive
	oob      []byte // and their files
	outgoing []byte
}

// PipeFiles is how many files a duplex pipe is sent as.
const PipeFiles = 1

const (
	packetMessage = 'm'
	packetLong    = 'l'

	longMessage = 32 << 10 // from here on a message is a long one; sockets hold 200 KiB

	// maxBlock is how long a receiver holds a thread, in recvmsg(2) or poll(2),
	// and doesn't look at its context, before it parks. To park at once takes
	// more system calls, and wakes other threads.
	maxBlock = 10 * time.Millisecond
)

// NewPipe returns the two ends of a pipe. If it isn't duplex, the first one only
// receives and the second one only sends.
func NewPipe(duplex bool) (*Pipe, *Pipe, error) {
	a, b, err := packetPair()
	if err != nil {
		return nil, nil, err
	}
	return newPipe(a, true, duplex), newPipe(b, duplex, true), nil
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
	return newPipe(fd, read, write), nil
}

func newPipe(fd int, read, write bool) *Pipe {
	return &Pipe{file: os.NewFile(uintptr(fd), "pipe"), fd: fd, read: read, write: write}
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
	return p.wait(ctx, true, func() (bool, error) { return sendPacket(p.fd, p.outgoing, files) })
}

// Recv receives a message, and waits for one. The files are the caller's. Where
// all holders of the other end are gone the error is io.EOF.
func (p *Pipe) Recv(ctx context.Context) (data []byte, files []*os.File, err error) {
	data, f, from, size, files, err := p.recv(ctx)
	if f == nil || err != nil {
		return data, files, err
	}
	data, err = readBody(f, from, size)
	f.Close()
	if err != nil {
		closeAll(files)
		return nil, nil, err
	}
	return data, files, nil
}

// Drop throws the next message away, after a RoomError.
func (p *Pipe) Drop() { dropPacket(p.fd) }

// recv receives a message, which is in a file, or data.
func (p *Pipe) recv(ctx context.Context) (data []byte, f *os.File, from, size uint64, files []*os.File, err error) {
	if !p.read {
		return nil, nil, 0, 0, nil, ErrWriteOnly
	}
	if p.packet == nil {
		p.packet, p.oob = make([]byte, longMessage+1), make([]byte, roomForFiles())
	}
	var n int
	if err := p.wait(ctx, false, blockFirst(ctx, func(block bool) (bool, error) {
		n, files, err = recvPacket(p.fd, p.packet, p.oob, block)
		return n >= 0, err
	})); err != nil {
		return nil, nil, 0, 0, nil, err
	}
	switch packet := p.packet[:n]; {
	case n == 0:
		return nil, nil, 0, 0, nil, io.EOF
	case packet[0] == packetMessage:
		return append(make([]byte, 0, n-1), packet[1:]...), nil, 0, 0, files, nil
	case packet[0] == packetLong && (n == 9 || n == 17) && len(files) > 0:
		if n == 17 {
			from = binary.BigEndian.Uint64(packet[9:])
		}
		return nil, files[0], from, binary.BigEndian.Uint64(packet[1:]), files[1:], nil
	}
	closeAll(files)
	return nil, nil, 0, 0, nil, ErrBad
}

// AwaitReadable returns when a message or the end is there, or with the error of
// ctx.
func (p *Pipe) AwaitReadable(ctx context.Context) error {
	if !p.read {
		return ErrWriteOnly
	}
	return p.wait(ctx, false, func() (bool, error) { return readable(p.fd, false) })
}

// Poll is AwaitReadable, but faster, and may see 10 ms late that ctx was cancelled.
func (p *Pipe) Poll(ctx context.Context) error {
	if !p.read {
		return ErrWriteOnly
	}
	return p.wait(ctx, false, blockFirst(ctx, func(block bool) (bool, error) { return readable(p.fd, block) }))
}

// wait tries until it is done, or ctx has ended.
func (p *Pipe) wait(ctx context.Context, write bool, try func() (bool, error)) error {
	defer runtime.KeepAlive(p.file)
	for p.fd >= 0 {
		done, err := try()
		if err == nil && !done {
			err = ctx.Err()
		}
		if done || err != nil {
			return err
		}
		if err := park(ctx, p.fd, write); err != nil {
			return err
		}
	}
	return ErrClosed
}

// blocking counts the receivers that hold a thread. It is a global because the
// threads, and the runtime's processors that they keep, are the process's.
var blocking atomic.Int32

// blockFirst returns what calls try, which may hold a thread the first time.
func blockFirst(ctx context.Context, try func(block bool) (bool, error)) func() (bool, error) {
	first := true
	return func() (bool, error) {
		block := first && mayBlock(ctx)
		first = false
		if block {
			defer blocking.Add(-1)
		}
		return try(block)
	}
}

// mayBlock says whether a receiver may hold a thread, and counts it then. Where
// the runtime has several processors one is left for those who don't wait.
func mayBlock(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) < maxBlock {
		return false
	}
	if int(blocking.Add(1)) > max(1, runtime.GOMAXPROCS(0)-1) {
		blocking.Add(-1)
		return false
	}
	return true
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

// AwaitDescriptor returns when a descriptor has something to be read, or with the
// error of ctx.
func AwaitDescriptor(ctx context.Context, fd int) error {
	p := Pipe{fd: fd, read: true}
	return p.AwaitReadable(ctx)
}
