package luatest

import (
	"bytes"
	"sync"
	"time"
)

// A recorder keeps what many goroutines write to it, and wakes those who wait for a text.
type recorder struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	wrote chan struct{} // closed by the next Write, which puts a new one here
}

func newRecorder() *recorder { return &recorder{wrote: make(chan struct{})} }

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.wrote)
	r.wrote = make(chan struct{})
	return r.buf.Write(p)
}

// take gives what was written since the last take.
func (r *recorder) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.buf.Reset()
	return r.buf.String()
}

// await says whether text came to stand in what take would give, before the limit was over.
func (r *recorder) await(text string, limit time.Duration) bool {
	over := time.After(limit)
	for {
		r.mu.Lock()
		found, wrote := bytes.Contains(r.buf.Bytes(), []byte(text)), r.wrote
		r.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-wrote:
		case <-over:
			return false
		}
	}
}
