//go:build linux && !portable

package cluster

import (
	"bytes"
	"context"
	"testing"
	"time"

	"luaspawn/proc/ipc"
)

// A file is written again when its receiver has closed it, not before, and isn't kept for long.
func TestSpares(t *testing.T) {
	ours, theirs, err := ipc.NewPipe(true)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	var s spares
	defer s.close()
	pass := func(b *ipc.Body, text []byte) *ipc.Body {
		t.Helper()
		b.Write(text)
		if err := ours.SendBody(context.Background(), b, 0, nil); err != nil {
			t.Fatal(err)
		}
		s.keep(b)
		_, got, _, err := theirs.RecvBody(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if data, err := got.Bytes(); err != nil || !bytes.Equal(data, text) {
			t.Fatalf("%d bytes, %v, want %d", len(data), err, len(text))
		}
		return got
	}
	long, short := bytes.Repeat([]byte("long"), 100_000), bytes.Repeat([]byte("short"), 20_000)
	first := s.body()
	held := pass(first, long)
	second := s.body()
	if second == first {
		t.Fatal("what is written again is still read")
	}
	also := pass(second, short)
	held.Close()
	again := s.body()
	if again != first {
		t.Fatal("a file that nobody has is not written again")
	}
	pass(again, short).Close()
	if data, err := also.Bytes(); err != nil || !bytes.Equal(data, short) {
		t.Errorf("%d bytes, %v: what is held has changed", len(data), err)
	}
	also.Close()
	for deadline := time.Now().Add(time.Minute); ; <-time.After(10 * time.Millisecond) {
		s.mu.Lock()
		n := len(s.list)
		s.mu.Unlock()
		if n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d files are kept", n)
		}
	}
}
