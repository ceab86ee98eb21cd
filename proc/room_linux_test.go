package proc_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"luaspawn/proc"
)

const touched = 48 << 20

var pieces [][]byte

// touch takes memory in small pieces and prints how many bytes of this process are in
// huge pages.
func touch(*proc.Self, []byte) int {
	for size := 0; size < touched; size += 8 << 10 {
		b := make([]byte, 8<<10)
		b[0] = 1
		pieces = append(pieces, b)
	}
	b, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		return 1
	}
	var kilobytes int
	_, rest, _ := strings.Cut(string(b), "\nAnonHugePages:")
	fmt.Sscan(rest, &kilobytes)
	fmt.Print(kilobytes<<10, " ", proc.SmallIsBetter())
	return 0
}

// What a child was given room for comes in huge pages: all of it, or what has come until
// one took longer than small pages.
func TestRoom(t *testing.T) {
	if b, _ := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled"); !strings.Contains(string(b), "[madvise]") {
		t.Skip("needs huge pages for those who ask, and for nobody else: madvise in /sys/kernel/mm/transparent_hugepage/enabled")
	}
	huge := func(room int) (n int, small bool) {
		var b strings.Builder
		p := start(t, &proc.Command{Payload: append([]byte("touch "), make([]byte, 1<<20)...), Room: room, Stdout: &b})
		if code := join(t, p); code != 0 {
			t.Fatalf("exit code %d", code)
		}
		if _, err := fmt.Sscan(b.String(), &n, &small); err != nil {
			t.Fatal(err)
		}
		return n, small
	}
	refused := hugePagesRefused(t)
	with, small := huge(64 << 20)
	without, _ := huge(0)
	want := without + touched/2
	if small {
		want = without + 1 // the first, by which it was seen
	}
	if with < want && hugePagesRefused(t) == refused {
		t.Errorf("%d bytes in huge pages with room, %d without; small ones are better: %v", with, without, small)
	}
}

// hugePagesRefused returns how often the system had no huge page to give.
func hugePagesRefused(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("/proc/vmstat")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "\nthp_fault_fallback ")
	n, _, _ := strings.Cut(rest, "\n")
	return n
}
