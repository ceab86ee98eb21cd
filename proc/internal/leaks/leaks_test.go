package leaks

import (
	"os"
	"os/signal"
	"runtime"
	"strings"
	"testing"
)

func TestLeft(t *testing.T) {
	b := Look(os.TempDir())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	signal.Stop(signals)
	if got := b.left(); got != "" {
		t.Errorf("what os/signal has for good: got %q", got)
	}
	end := make(chan struct{})
	go func() { <-end }()
	if got := b.left(); !strings.Contains(got, "goroutines, there were") {
		t.Errorf("a goroutine: got %q", got)
	}
	b.goroutines++
	defer close(end)
	if runtime.GOOS != "linux" {
		return // it doesn't say what descriptors there are
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if got := b.left(); strings.Count(got, "descriptor ") != 2 || !strings.Contains(got, " pipe:[") {
		t.Errorf("a pipe: got %q", got)
	}
	r.Close()
	w.Close()
	kept, err := os.Create(t.TempDir() + "/kept")
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if got := b.left(); got != "" {
		t.Errorf("what is kept: got %q", got)
	}
}

// Failed tests keep their code, and what others know of counts.
func TestCheck(t *testing.T) {
	looks := 0
	more := func() string {
		if looks++; looks < 3 {
			return "a child"
		}
		return ""
	}
	b := Look()
	if code := b.Check(2, more); code != 2 || looks != 0 {
		t.Errorf("got %d after %d looks, want 2 at once", code, looks)
	}
	if code := b.Check(0, more); code != 0 || looks != 3 {
		t.Errorf("got %d after %d looks, want 0 after 3", code, looks)
	}
}
