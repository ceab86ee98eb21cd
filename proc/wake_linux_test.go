//go:build !portable

package proc

import (
	"testing"

	"luaspawn/proc/internal/wire"
)

// A child that waits is told that its job is about to come, looks out for it, and
// waits on if it doesn't.
func TestWoken(t *testing.T) {
	ours, theirs, err := openChannel()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	n := new(prestarted)
	n.waiting = []*worker{{channel: ours}}
	w := &Waiting{c: &channel{file: theirs}, ready: true}
	if w.c.conn, err = theirs.SyscallConn(); err != nil {
		t.Fatal(err)
	}
	defer w.c.Close()

	n.wake()
	if note, ok := w.Next(); note != nil || !ok {
		t.Errorf("woken: %q, %v", note, ok)
	}
	n.wake()
	if _, err := ours.Write(wire.AppendWait(nil, false, false)); err != nil {
		t.Fatal(err)
	}
	w.Next()
	if w.Next(); w.err == nil {
		t.Error("what follows was not read")
	}
	for range 100 {
		n.wake()
	}
	ours.Close()
	frames := 0
	for {
		o, err := wire.ReadOrder(w.c)
		if err != nil {
			break
		}
		if o.Kind == wire.KindWake {
			frames++
		}
	}
	if frames != 14 { // 16, and two were read
		t.Errorf("%d frames that nobody reads", frames)
	}
}
