package ipc

import "sync"

// A bell is an eventfd that all holders of a segment have. To ring it wakes
// whoever sleeps on it, in all processes. The count in it only grows.
type bell struct {
	mu     sync.Mutex // for those goroutines that watch others' ends
	fd     int
	closed bool
}

// ring wakes everybody. It works from any goroutine, and after close not at all.
func (b *bell) ring() {
	b.mu.Lock()
	if !b.closed {
		ringBell(b.fd)
	}
	b.mu.Unlock()
}

// close forbids to ring; the descriptor is the sleeper's.
func (b *bell) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
}
