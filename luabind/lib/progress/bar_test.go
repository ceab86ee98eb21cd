package progress

import (
	"strings"
	"testing"
	"time"

	"luaspawn/luabind"
)

// Where there is no terminal a line comes now and then, and one at the end.
func TestLineWriter(t *testing.T) {
	lines := make(chan string)
	e, err := luabind.New(luabind.Config{Stderr: channel(lines), Modules: []luabind.Module{Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	b := New(e.Host(), "work", 4)
	b.Add(1)
	w := newLineWriter(b, time.Millisecond)
	want := func(text string) {
		t.Helper()
		select {
		case line := <-lines:
			if !strings.HasPrefix(line, text) || strings.Count(line, "\n") != 1 {
				t.Errorf("got %q, want %q", line, text)
			}
		case <-time.After(time.Minute):
			t.Fatalf("no line %q", text)
		}
	}
	want("work 25% 1/4 ")
	want("work 25% 1/4 ")
	stopped := make(chan struct{})
	go func() {
		w.stop()
		close(stopped)
	}()
	for {
		select {
		case <-lines:
			continue
		case <-stopped:
		}
		break
	}
	select {
	case line := <-lines:
		t.Errorf("got %q after the end", line)
	default:
	}
}

// channel is a writer whose lines come out of it.
type channel chan string

func (c channel) Write(b []byte) (int, error) {
	c <- string(b)
	return len(b), nil
}
