package ipc

import (
	"testing"
	"time"
)

// A wait ends after its time also where the monitor was taken at that moment, or before, by a process
// that can't be watched: it went on until the next change then.
func TestTimeoutWhileBusy(t *testing.T) {
	for _, blind := range []bool{false, true} {
		e := must(NewEvent())
		const timeout = 2 * blindPause
		start := time.Now()
		ok, err := e.s.await(soon(t), timeout, func(bool) verdict {
			if time.Since(start) > timeout {
				return blocked
			}
			e.s.blind = blind
			return busy
		})
		if ok || err != nil {
			t.Errorf("blind: %v: got %v, %v", blind, ok, err)
		}
		if took := time.Since(start); took < timeout {
			t.Errorf("blind: %v: a wait of %v took %v", blind, timeout, took)
		}
		check(e.Close())
	}
}
