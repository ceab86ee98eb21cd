package ipc

import (
	"runtime"
	"sync"
	"testing"
)

// A handle may be closed while the collector finds that nobody refers to the
// object any more: only one of them closes it, and nobody looks at its memory
// afterwards (a data race once, and a fault where the memory was unmapped).
func TestCloseWhileCollected(t *testing.T) {
	for range 30 {
		var handles []Handle
		for range 30 {
			m, err := NewSemaphore(1, false)
			if err != nil {
				t.Fatal(err)
			}
			handles = append(handles, m.Handle())
		}
		var collector sync.WaitGroup
		collector.Go(runtime.GC)
		for _, h := range handles {
			if err := h.Close(); err != nil {
				t.Error(err)
			}
			if !h.Closed() {
				t.Error("not closed")
			}
		}
		collector.Wait()
	}
}

// No descriptor is none that could be waited for.
func TestAwaitNoDescriptor(t *testing.T) {
	if err := AwaitDescriptor(soon(t), -1); err != ErrClosed {
		t.Errorf("got %v, want %v", err, ErrClosed)
	}
}
