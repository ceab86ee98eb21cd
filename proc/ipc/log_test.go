package ipc

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// testRoom is before the records: they are found where they begin.
const testRoom = 8192

func readLog(t *testing.T, l *Log) (records []string) {
	t.Helper()
	if err := l.Read(func(r []byte) { records = append(records, string(r)) }); err != nil {
		t.Fatal(err)
	}
	return records
}

func newTestLog(t *testing.T) (a, b *Log) {
	t.Helper()
	a, err := NewLog(testRoom)
	if err != nil {
		t.Fatal(err)
	}
	f, err := dupFile(a.File())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.file.Close(); f.Close() })
	return a, OpenLog(f, testRoom)
}

func TestLog(t *testing.T) {
	a, b := newTestLog(t)
	long := strings.Repeat("x", 100_000)
	for _, r := range []string{"one", long, "", "three"} {
		if err := a.Append([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
	if got := readLog(t, b); fmt.Sprint(got) != fmt.Sprint([]string{"one", long, "", "three"}) {
		t.Errorf("got %.200q", got)
	}
	if got := readLog(t, b); got != nil {
		t.Errorf("read again: got %q", got)
	}
	b.Append([]byte("four"))
	if got := readLog(t, a); len(got) != 5 || got[4] != "four" {
		t.Errorf("the other way: got %.200q", got)
	}
}

// Whatever part of a record a dead process has left, those that follow are read.
func TestLogAfterDeath(t *testing.T) {
	l, _ := newTestLog(t)
	l.Append([]byte("what will be cut somewhere"))
	size, _ := l.Size()
	part := make([]byte, size)
	if _, err := l.file.ReadAt(part, testRoom); err != nil {
		t.Fatal(err)
	}
	for n := range part {
		a, b := newTestLog(t)
		a.file.Write(part[:n])
		var got []string
		for _, r := range []string{"first", "second", "third and longer than what was cut, by far"} {
			if err := a.Append([]byte(r)); err != nil {
				t.Fatal(err)
			}
			for _, r := range readLog(t, b) {
				if len(got) == 0 || got[len(got)-1] != r {
					got = append(got, r)
				}
			}
			if got[len(got)-1] != r {
				t.Fatalf("cut at %d: %q isn't read: %q", n, r, got)
			}
		}
	}
}

func TestLogOfMany(t *testing.T) {
	a, b := newTestLog(t)
	var all sync.WaitGroup
	const writers, each = 4, 200
	for w := range writers {
		f, err := dupFile(a.File())
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			defer f.Close()
			own := OpenLog(f, testRoom)
			for i := range each {
				own.Append(fmt.Appendf(nil, "%d %d %s", w, i, strings.Repeat("y", i*50)))
			}
		})
	}
	seen := map[string]bool{}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
		}
		for _, r := range readLog(t, b) {
			seen[r] = true
		}
	}
	if len(seen) != writers*each {
		t.Errorf("got %d records, want %d", len(seen), writers*each)
	}
}

func FuzzLog(f *testing.F) {
	f.Add([]byte(logMark + "\x01\x00\x00\x00\x00\x00\x00\x00xxxxx"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if done := scan(b, func([]byte) {}); done < 0 || done > len(b) {
			t.Errorf("%d of %d bytes are done", done, len(b))
		}
	})
}
