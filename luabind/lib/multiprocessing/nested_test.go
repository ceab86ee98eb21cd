package multiprocessing_test

import (
	"testing"
	"time"

	"luaspawn/luabind"
)

// A wait around another one is told to have taken all of its time.
func TestNestedWaits(t *testing.T) {
	cfg := config()
	var took []time.Duration
	cfg.Observe = func(e luabind.Event) {
		if e.Kind == luabind.EventResume {
			took = append(took, e.Took)
		}
	}
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	h := e.Host()
	const outer = 10 * time.Millisecond
	h.Pauses("outer")
	for since := time.Now(); time.Since(since) < outer; {
	}
	h.Pauses("inner")
	h.Resumes()
	h.Resumes()
	if len(took) != 2 || took[1] < outer {
		t.Errorf("%v, want the second to be %v at least", took, outer)
	}
}
