package proc_test

import (
	"fmt"
	"os"
	"strconv"
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
	fmt.Print(kilobytes << 10)
	return 0
}

// What a child was given room for comes in huge pages.
func TestRoom(t *testing.T) {
	if b, _ := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled"); !strings.Contains(string(b), "[madvise]") {
		t.Skip("needs huge pages for those who ask, and for nobody else: madvise in /sys/kernel/mm/transparent_hugepage/enabled")
	}
	huge := func(room int) int {
		var b strings.Builder
		p := start(t, &proc.Command{Payload: append([]byte("touch "), make([]byte, 1<<20)...), Room: room, Stdout: &b})
		if code := join(t, p); code != 0 {
			t.Fatalf("exit code %d", code)
		}
		n, err := strconv.Atoi(b.String())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	refused := hugePagesRefused(t)
	with, without := huge(64<<20), huge(0)
	if with < without+touched/2 && hugePagesRefused(t) == refused {
		t.Errorf("%d bytes in huge pages with room, %d without", with, without)
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
