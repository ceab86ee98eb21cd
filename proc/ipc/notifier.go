package ipc

import "sync"

// A notifier is what all holders of a segment have to wake each other: to notify it wakes
// whoever sleeps at it, in all processes.
type notifier struct {
	mu     sync.Mutex // for those goroutines that watch others' ends
	closed bool
	waker
}

// notify wakes everybody. It works from any goroutine, and after close not at all.
func (n *notifier) notify() {
	n.mu.Lock()
	if !n.closed {
		n.wakeAll()
	}
	n.mu.Unlock()
}

// close forbids to notify; what it has stays there until release.
func (n *notifier) close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
}
