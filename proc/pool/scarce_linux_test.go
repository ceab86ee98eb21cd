//go:build !portable

package pool_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/proc/pool"
)

// A long result for which there is no descriptor is the error of its task. It stayed in the pipe, so that the next
// long result of the worker was this one, and so on.
func TestNoDescriptorForResult(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 1})
	long := func(s string) []string { return []string{strings.Repeat(s, 100_000)} }
	if got := results(t, begin(t, p, "long", pool.Options{}, "a")); !slices.Equal(got, long("a")) {
		t.Fatal("another result")
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	<-time.After(20 * time.Millisecond) // it is not looked at each time whether there are some
	set := func(most uint64) {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: most, Max: limit.Max}); err != nil {
			t.Error(err)
		}
	}
	set(1)
	list := outcomes(t, begin(t, p, "long", pool.Options{}, "b"))
	set(limit.Cur)
	if len(list) != 1 || list[0].Kind != pool.Unsent || !strings.Contains(list[0].Extra.Err.Error(), syscall.EMFILE.Error()) {
		t.Errorf("%d outcomes, the first of kind %v", len(list), list[0].Kind)
	}
	for _, s := range []string{"c", "d"} {
		got := results(t, begin(t, p, "long", pool.Options{}, s))
		if !slices.Equal(got, long(s)) {
			t.Errorf("the result for %s is of %s", s, got[0][:1])
		}
	}
}
