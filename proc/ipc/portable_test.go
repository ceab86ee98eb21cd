//go:build darwin || (linux && portable)

package ipc

import "testing"

// Whoever has seen the end of a process sees it from then on, also while its parent
// waits for it and its number becomes free.
func TestEndIsSeenForGood(t *testing.T) {
	for range 40 {
		c := spawn(t, "hang")
		id, _, err := identify(c.Pid())
		if err != nil {
			t.Fatal(err)
		}
		c.Kill()
		for !hasEnded(id) {
		}
		for reaped := false; !reaped; {
			select {
			case <-c.Done():
				reaped = true
			default:
			}
			if !hasEnded(id) {
				t.Fatal("it has ended, and then it hasn't")
			}
		}
	}
}
