//go:build linux && !portable

package ipc

import (
	"bytes"
	"context"
	"testing"

	"golang.org/x/sys/unix"
)

// A body goes on as a file, from a place on, and who has sent it can't take away what was received.
func TestBody(t *testing.T) {
	a, b, err := NewPipe(true)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	defer b.Close()
	sent, err := NewBody()
	if err != nil {
		t.Fatal(err)
	}
	defer sent.Close()
	text := bytes.Repeat([]byte("0123456789"), 10_000)
	sent.Write(text[:50_000])
	sent.Write(text[50_000:])
	ctx := context.Background()
	if err := a.SendBody(ctx, sent, 7, nil); err != nil {
		t.Fatal(err)
	}
	_, once, files, err := b.RecvBody(ctx)
	if err != nil || once == nil || len(files) > 0 || once.Len() != len(text)-7 {
		t.Fatalf("%v %v %v", once, files, err)
	}
	defer once.Close()
	if err := b.SendBody(ctx, once, 3, nil); err != nil {
		t.Fatal(err)
	}
	if got, _, err := a.Recv(ctx); err != nil || !bytes.Equal(got, text[10:]) {
		t.Errorf("%d bytes, %v, want %d", len(got), err, len(text)-10)
	}
	part := make([]byte, 100)
	if n, err := once.ReadAt(part, 1000); n != len(part) || !bytes.Equal(part, text[1007:1107]) {
		t.Errorf("%q, %v", part[:n], err)
	}
	if got, err := once.Bytes(); err != nil || !bytes.Equal(got, text[7:]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := unix.Ftruncate(int(sent.file.Fd()), 10); err != unix.EPERM {
		t.Errorf("it was made shorter: %v, want %v", err, unix.EPERM)
	}
	// What is not as long as was said is refused, and what is short is no body.
	short, err := NewBody()
	if err != nil {
		t.Fatal(err)
	}
	defer short.Close()
	short.Write(text)
	if err := unix.Ftruncate(int(short.file.Fd()), 10); err != nil {
		t.Fatal(err)
	}
	a.SendBody(ctx, short, 0, nil)
	if _, body, _, err := b.RecvBody(ctx); err != ErrBad {
		t.Errorf("%v, %v, want %v", body, err, ErrBad)
	}
	a.Send(ctx, []byte("short"), nil)
	if data, body, _, err := b.RecvBody(ctx); string(data) != "short" || body != nil || err != nil {
		t.Errorf("%q %v %v", data, body, err)
	}
}
