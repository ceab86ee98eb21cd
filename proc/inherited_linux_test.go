//go:build !portable

package proc

import (
	"os"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

func BenchmarkInherit(b *testing.B) {
	var r inheritedReader
	defer r.close()
	for b.Loop() {
		r.inherit()
	}
}

// onThread runs f on a thread of its own, which ends then. It isn't the first one,
// which never does.
func onThread(f func()) {
	var over sync.WaitGroup
	over.Go(func() {
		runtime.LockOSThread()
		if unix.Gettid() != os.Getpid() {
			f()
			return
		}
		onThread(f)
		runtime.UnlockOSThread()
	})
	over.Wait()
}

// A thread can be in another network than the rest of the program.
func TestNetwork(t *testing.T) {
	var r inheritedReader
	defer r.close()
	first, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	onThread(func() {
		if got := r.network(unix.Gettid()); got != first {
			t.Errorf("before it enters another one: %q, want %q", got, first)
		}
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Log("no other network:", err)
			return
		}
		own, _ := os.Readlink("/proc/thread-self/ns/net")
		if got := r.network(unix.Gettid()); got != own || got == first {
			t.Errorf("in another one: %q, want %q and not %q", got, own, first)
		}
	})
	for range 50 { // more than are remembered, and some that have ended
		onThread(func() {
			if got := r.network(unix.Gettid()); got != first {
				t.Errorf("on another thread: %q, want %q", got, first)
			}
		})
	}
	if n := len(r.namespaces); n > 8 {
		t.Errorf("%d directories are open", n)
	}
	for ended := range r.namespaces {
		if got := r.network(ended); unix.Kill(ended, 0) != nil && got != "" {
			t.Errorf("of a thread that has ended: %q", got)
		}
		break
	}
}
