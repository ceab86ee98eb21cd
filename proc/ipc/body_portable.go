//go:build !linux || portable

package ipc

import (
	"context"
	"os"
)

// A Body is a long message that is put together piece by piece, for Pipe.SendBody.
type Body struct{ data []byte }

// NewBody returns an empty one.
func NewBody() (*Body, error) { return &Body{}, nil }

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
