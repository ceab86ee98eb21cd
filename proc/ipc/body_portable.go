//go:build !linux || portable

package ipc

import (
	"bytes"
	"context"
	"os"
)

// A Body is a long message that is put together piece by piece, for Pipe.SendBody.
type Body struct{ data []byte }

// NewBody returns an empty one.
func NewBody() (*Body, error) { return &Body{}, nil }

// NewBodyForReuse is NewBody of one whose file can be written again when all who got it have closed it. Its error is
// ErrUnsupported where that can't be known.
func NewBodyForReuse() (*Body, error) { return nil, ErrUnsupported }

// Reuse empties a body that was sent, and reports true, if nobody else has its file any more.
func (*Body) Reuse() bool { return false }

// Share returns the same message for somebody else to send or read, and to close.
func (b *Body) Share() (*Body, error) { return &Body{data: b.data}, nil }

// Len returns how many bytes it has.
func (b *Body) Len() int { return len(b.data) }

// ReadAt is that of io.ReaderAt.
func (b *Body) ReadAt(p []byte, at int64) (int, error) { return bytes.NewReader(b.data).ReadAt(p, at) }

// Room returns memory where the next n bytes may be put before Write is called with just that; nil: they are to be written from
// elsewhere.
func (*Body) Room(int) []byte { return nil }

// Write appends. Nothing can be appended any more after Bytes.
func (b *Body) Write(p []byte) (int, error) {
	b.data = append(b.data, p...)
	return len(p), nil
}

// Bytes returns what was written, which nobody may change, and which is there until Close.
func (b *Body) Bytes() ([]byte, error) { return b.data, nil }

// Close frees it. Who has got it by SendBody keeps what he has.
func (b *Body) Close() { b.data = nil }

// SendBody is Send of what stands in b from a place on.
func (p *Pipe) SendBody(ctx context.Context, b *Body, from int, files []*os.File) error {
	return p.Send(ctx, b.data[from:], files)
}

// RecvBody is Recv that doesn't read a message which came in a file; body is nil if it came otherwise.
func (p *Pipe) RecvBody(ctx context.Context) (data []byte, body *Body, files []*os.File, err error) {
	data, files, err = p.Recv(ctx)
	return data, nil, files, err
}

// Large returns memory for a long message.
func Large(n int) []byte { return make([]byte, n) }
