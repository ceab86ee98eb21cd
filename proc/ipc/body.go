//go:build linux && !portable

package ipc

import (
	"context"
	"encoding/binary"
	"os"
	"runtime"
)

// A Body is a long message that is put together piece by piece, where the one who sends it doesn't need to
// have it in memory of his own, nor to copy it once more: see Pipe.SendBody.
type Body struct {
	file *os.File
	size int
	data []byte // mapped; nil: it isn't
	lost runtime.Cleanup
}

// NewBody returns an empty one. Its error is ErrUnsupported where there are none.
func NewBody() (*Body, error) {
	f, err := bodyFile(nil)
	if err != nil {
		return nil, err
	}
	return &Body{file: f}, nil
}

// Write appends. Nothing can be appended any more after Bytes.
func (b *Body) Write(p []byte) (int, error) {
	n, err := b.file.WriteAt(p, int64(b.size))
	b.size += n
	return n, err
}

// Bytes returns what was written, which nobody may change, and which is there until Close.
func (b *Body) Bytes() ([]byte, error) {
	if b.data == nil && b.size > 0 {
		data, err := mapBody(b.file, b.size)
		if err != nil {
			return nil, err
		}
		b.data = data
		b.lost = runtime.AddCleanup(b, unmapBody, data) // if it is forgotten, as its file is
	}
	return b.data, nil
}

// Close frees it. Who has got it by SendBody keeps what he has.
func (b *Body) Close() {
	if b.data != nil {
		b.lost.Stop()
		unmapBody(b.data)
		b.data = nil
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
	p.outgoing = binary.BigEndian.AppendUint64(append(p.outgoing[:0], packetLong), uint64(b.size-from))
	p.outgoing = binary.BigEndian.AppendUint64(p.outgoing, uint64(from))
	files = append([]*os.File{b.file}, files...)
	return p.wait(ctx, true, func() (bool, error) { return sendPacket(p.fd, p.outgoing, files) })
}
