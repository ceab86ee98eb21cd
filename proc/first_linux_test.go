//go:build !portable

package proc

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func BenchmarkFollowFirst(b *testing.B) {
	noteFirst()
	for b.Loop() {
		followFirst()
	}
}

// A thread that a program has given something keeps it, whatever the first one has.
func TestFollowFirst(t *testing.T) {
	noteFirst()
	onThread(func() {
		nice, processors := thread(0)
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, 19); err != nil {
			t.Fatal(err)
		}
		var one unix.CPUSet
		for i := range 1024 {
			if processors.IsSet(i) {
				one.Set(i)
				break
			}
		}
		if err := unix.SchedSetaffinity(0, &one); err != nil {
			t.Fatal(err)
		}
		followFirst()
		if n, p := thread(0); n != 20-19 || p != one {
			t.Errorf("got nice %d and %d processors", 20-n, p.Count())
		}
		if n, p := thread(os.Getpid()); n != nice || p != processors {
			t.Errorf("the first thread has nice %d and %d processors", 20-n, p.Count())
		}
	})
}
