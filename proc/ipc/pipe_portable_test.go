//go:build !linux || portable

package ipc

import (
	"context"
	"testing"
)

// A pipe of queues: as TestLookWhileBusy.
func TestLookAtPipeWhileBusy(t *testing.T) {
	a, b, err := NewPipe(true)
	check(err)
	for _, want := range []error{context.Canceled, nil} {
		if want == nil {
			check(a.Send(background, nil, nil))
		}
		release := hold(a.out.s)
		if err := b.AwaitReadable(expired()); err != want {
			t.Errorf("got %v, want %v", err, want)
		}
		release()
	}
	check(a.Close())
	check(b.Close())
}
