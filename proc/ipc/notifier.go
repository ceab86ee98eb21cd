package ipc

import "sync"

// A notifier is what all holders of a segment have to wake each other: to notify it wakes
// whoever sleeps at it, in all processes.
type notifier struct {
	mu     sync.Mutex // for those goroutines that watch others' ends
	closed bool
	bell
}

// notify wakes everybody. It works from any goroutine, and after close not at all.
func (b *notifier) notify() {
	b.mu.Lock()
	if !b.closed {
		b.ring()
	}
	b.mu.Unlock()
}

// close forbids to notify; what it has stays there until release.
func (b *notifier) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
}
