//go:build linux && !portable

package ipc

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"
)

// A file is written again when its receiver has closed it, not before, and isn't kept for long.
func TestSpares(t *testing.T) {
	ours, theirs, err := NewPipe(true)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	s := Spares{Most: 2}
	defer s.Close()
	used := make(chan struct{}) // until then the second that they are kept for isn't over
	s.timer = time.AfterFunc(time.Hour, func() {
		<-used
		s.empty()
	})
	over := sync.OnceFunc(func() { close(used) })
	defer over()
	pass := func(b *Body, text []byte) *Body {
		t.Helper()
		if room := b.Room(len(text) / 2); room != nil {
			copy(room, text)
			b.Write(room)
		} else {
			b.Write(text[:len(text)/2])
		}
		b.Write(text[len(text)/2:])
		if err := ours.SendBody(context.Background(), b, 0, nil); err != nil {
			t.Fatal(err)
		}
		s.Keep(b)
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
	body := func() *Body {
		t.Helper()
		b, err := s.Body()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := body()
	if first.Room(1) != nil {
		t.Error("there is room in a file that has no pages")
	}
	held := pass(first, long)
	second := body()
	if second == first {
		t.Fatal("what is written again is still read")
	}
	also := pass(second, short)
	held.Close()
	again := body()
	if again != first {
		t.Fatal("a file that nobody has is not written again")
	}
	if again.Room(1) == nil || again.Room(len(long)) == nil || again.Room(len(long)+1) != nil {
		t.Error("there is not as much room as was written before")
	}
	pass(again, short).Close()
	if data, err := also.Bytes(); err != nil || !bytes.Equal(data, short) {
		t.Errorf("%d bytes, %v: what is held has changed", len(data), err)
	}
	also.Close()
	over()
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
