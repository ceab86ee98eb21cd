//go:build !portable

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
	// What the heap has had before, for the notes of other tests, say, is cleared by the runtime, in small pages, and all
	// that is allocated together with it.
	proc.KeepReady(0)
	defer proc.KeepReady(-1)
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
	given, refused := hugePages(t)
	with, small := huge(64 << 20)
	givenThen, refusedThen := hugePages(t)
	without, _ := huge(0)
	switch {
	case refusedThen != refused:
	case small && givenThen == given: // the first was given, by which it was seen, and may be in pieces again
		t.Error("small pages are better than huge ones, of which none was given")
	case !small && with < without+touched/2:
		t.Errorf("%d bytes in huge pages with room, %d without", with, without)
	}
}

// hugePages returns how many the system has given, and how often it had none to give.
func hugePages(t *testing.T) (given, refused string) {
	t.Helper()
	b, err := os.ReadFile("/proc/vmstat")
	if err != nil {
		t.Fatal(err)
	}
	count := func(name string) string {
		_, rest, _ := strings.Cut(string(b), "\n"+name+" ")
		n, _, _ := strings.Cut(rest, "\n")
		return n
	}
	return count("thp_fault_alloc"), count("thp_fault_fallback")
}
