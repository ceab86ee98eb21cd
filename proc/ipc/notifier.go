package ipc

import (
	"sync"

	"luaspawn/proc/internal/fds"
)

// A notifier is an eventfd that all holders of a segment have. To notify it wakes
// whoever sleeps on it, in all processes. The count in it only grows.
type notifier struct {
	mu     sync.Mutex // for those goroutines that watch others' ends
	fd     int
	closed bool
}

// notify wakes everybody. It works from any goroutine, and after close not at all.
func (b *notifier) notify() {
	b.mu.Lock()
	if !b.closed {
		fds.Notify(b.fd)
	}
	b.mu.Unlock()
}

// close forbids to notify; the descriptor is the sleeper's.
func (b *notifier) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
}
