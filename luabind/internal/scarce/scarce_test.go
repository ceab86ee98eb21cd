package scarce

import (
	"syscall"
	"testing"
)

// Who waits for a descriptor gives up soon, but not while another goroutine is known to close what has one: on a busy machine
// that one may come late.
func TestClosing(t *testing.T) {
	n := 0
	open := func() (int, error) {
		if n++; n < 13 { // after 0.4 s or more
			return 0, syscall.EMFILE
		}
		return n, nil
	}
	done := Closing()
	got, err := Retry(nil, open)
	done()
	if got != 13 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if left := elsewhere.Load(); left != 0 {
		t.Errorf("%d are still to be closed", left)
	}
}
