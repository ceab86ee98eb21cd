//go:build linux && !portable

package ipc

import (
	"context"
	"encoding/binary"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// A Body is a long message in a file. It is put together piece by piece, or was received, and
// is sent on, without being in memory of this process: see Pipe.SendBody and RecvBody.
type Body struct {
	file *os.File
	from int    // where the message begins in it
	size int    // the file's
	data []byte // mapped; nil: it isn't
	lost runtime.Cleanup
	lend bool            // SendBody sends another opening of the file
	most int             // bytes that there were in it when it was emptied
	room []byte          // mapped too, to be written; nil: it isn't
	left runtime.Cleanup // of room
}

// NewBody returns an empty one. Its error is ErrUnsupported where there are none.
func NewBody() (*Body, error) {
	f, err := bodyFile(nil)
	if err != nil {
		return nil, err
	}
	return &Body{file: f}, nil
}

// NewBodyForReuse is NewBody of one whose file can be written again when all who got it have closed it: pages that are there
// already are written in a third of the time. Its error is ErrUnsupported where that can't be known.
func NewBodyForReuse() (*Body, error) {
	f, err := bodyFile(nil)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the opening by memfd_create doesn't count as one where Reuse looks
	opened, err := reopen(f)
	if err != nil {
		return nil, ErrUnsupported
	}
	return &Body{file: opened, lend: true}, nil
}

// reopen opens a file of no name once more.
func reopen(f *os.File) (opened *os.File, err error) {
	err = fds.Hold([]*os.File{f}, nil, func(numbers []int) (err error) {
		opened, err = os.OpenFile("/proc/self/fd/"+strconv.Itoa(numbers[0]), os.O_RDWR, 0)
		return err
	})
	return opened, err
}

// Reuse empties a body that was sent, and reports true, if nobody else has its file any more.
func (b *Body) Reuse() bool {
	if !b.lend || b.data != nil {
		return false
	}
	err := fds.Hold([]*os.File{b.file}, nil, func(numbers []int) error { // a lease to write is for who is the only one, see fcntl(2)
		if _, err := unix.FcntlInt(uintptr(numbers[0]), unix.F_SETLEASE, unix.F_WRLCK); err != nil {
			return err
		}
		_, err := unix.FcntlInt(uintptr(numbers[0]), unix.F_SETLEASE, unix.F_UNLCK)
		return err
	})
	if err != nil {
		return false
	}
	b.most = max(b.most, b.size)
	b.size = 0
	return true
}

// Share returns the same message for somebody else to send or read, and to close.
func (b *Body) Share() (*Body, error) {
	f, err := reopen(b.file)
	if err != nil {
		return nil, err
	}
	return &Body{file: f, from: b.from, size: b.size}, nil
}

// Len returns how many bytes it has.
func (b *Body) Len() int { return b.size - b.from }

// Room returns memory where the next n bytes may be put before Write is called with just that; nil: they are to be written from
// elsewhere. It is for a body that was emptied by Reuse: its pages are there.
func (b *Body) Room(n int) []byte {
	if b.size+n > b.most {
		return nil
	}
	if len(b.room) < b.most {
		if b.room != nil {
			b.left.Stop()
			unmapBody(b.room)
		}
		if b.room = b.mapRoom(); b.room == nil {
			b.most = 0
			return nil
		}
		b.left = runtime.AddCleanup(b, unmapBody, b.room)
	}
	return b.room[b.size:][:n:n]
}

func (b *Body) mapRoom() (room []byte) {
	size := b.size
	b.size = b.most
	err := b.keep()
	if b.size = size; err != nil {
		return nil
	}
	fds.Hold([]*os.File{b.file}, nil, func(numbers []int) (err error) {
		room, err = unix.Mmap(numbers[0], 0, b.most, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
		return err
	})
	return room
}

// Write appends. Nothing can be appended any more after Bytes.
func (b *Body) Write(p []byte) (int, error) {
	if n := len(p); n > 0 && b.size+n <= len(b.room) && &p[0] == &b.room[b.size] {
		b.size += n
		return n, nil
	}
	n, err := b.file.WriteAt(p, int64(b.size))
	b.size += n
	return n, err
}

// ReadAt is that of io.ReaderAt.
func (b *Body) ReadAt(p []byte, at int64) (int, error) {
	return b.file.ReadAt(p, int64(b.from)+at)
}

// keep sees to it that none of its pages can be taken away by who else has the file: whoever looked at one
// that is mapped would be killed then.
func (b *Body) keep() error {
	err := fds.Hold([]*os.File{b.file}, nil, func(numbers []int) error {
		_, err := unix.FcntlInt(uintptr(numbers[0]), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK)
		return os.NewSyscallError("fcntl", err)
	})
	if err != nil {
		return err
	}
	if info, err := b.file.Stat(); err != nil || info.Size() < int64(b.size) { // more is what a write left that failed half-way
		return ErrBad
	}
	return nil
}

// Bytes returns what was written, which nobody may change, and which is there until Close.
func (b *Body) Bytes() ([]byte, error) {
	if b.data == nil && b.size > b.from {
		if err := b.keep(); err != nil {
			return nil, err
		}
		data, err := mapBody(b.file, b.size)
		if err != nil {
			return nil, err
		}
		b.data = data
		b.lost = runtime.AddCleanup(b, unmapBody, data) // if it is forgotten, as its file is
	}
	return b.data[min(b.from, len(b.data)):], nil
}

// Close frees it. Who has got it by SendBody keeps what he has.
func (b *Body) Close() {
	if b.data != nil {
		b.lost.Stop()
		unmapBody(b.data)
		b.data = nil
	}
	if b.room != nil {
		b.left.Stop()
		unmapBody(b.room)
		b.room = nil
	}
	b.file.Close()
}

// SendBody is Send of what stands in b from a place on.
func (p *Pipe) SendBody(ctx context.Context, b *Body, from int, files []*os.File) error {
	switch {
	case !p.write:
		return ErrReadOnly
	case len(files) >= MaxFiles:
		return ErrFiles
	}
	from += b.from
	p.outgoing = binary.BigEndian.AppendUint64(append(p.outgoing[:0], packetLong), uint64(b.size-from))
	p.outgoing = binary.BigEndian.AppendUint64(p.outgoing, uint64(from))
	file := b.file
	if b.lend {
		if lent, err := reopen(b.file); err == nil {
			defer lent.Close()
			file = lent
		} else {
			b.lend = false // it is sent itself
		}
	}
	files = append([]*os.File{file}, files...)
	return p.wait(ctx, true, func() (bool, error) { return sendPacket(p.fd, p.outgoing, files) })
}

// RecvBody is Recv that doesn't read a message which came in a file; body is nil if it came otherwise.
func (p *Pipe) RecvBody(ctx context.Context) (data []byte, body *Body, files []*os.File, err error) {
	data, f, from, size, files, err := p.recv(ctx)
	if f == nil || err != nil {
		return data, nil, files, err
	}
	body = &Body{file: f, from: int(from), size: int(from + size)}
	if from > maxBody || size > maxBody {
		err = ErrBad
	} else {
		err = body.keep()
	}
	if err != nil {
		body.Close()
		closeAll(files)
		return nil, nil, nil, err
	}
	return nil, body, files, nil
}

const maxBody = 1 << 40

// Large returns memory for a long message.
func Large(n int) []byte {
	b := make([]byte, n)
	adviseHuge(b)
	return b
}
