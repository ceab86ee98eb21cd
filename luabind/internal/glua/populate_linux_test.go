package glua

import (
	"os"
	"runtime/debug"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A long list has its pages before anything is written to it.
func TestPopulate(t *testing.T) {
	if err := unix.Madvise(make([]byte, 1<<20), unix.MADV_POPULATE_WRITE); err != nil {
		t.Skip("needs Linux 5.14 for madvise(MADV_POPULATE_WRITE):", err)
	}
	debug.FreeOSMemory() // no list gets memory that had pages before
	for _, size := range []int{1 << 12, 1<<15 + 1, 1 << 18} {
		items := newItems(size)
		pages := make([]byte, len(items)*int(ValueSize)/os.Getpagesize())
		_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&items[0])), uintptr(len(pages)*os.Getpagesize()), uintptr(unsafe.Pointer(&pages[0])))
		if errno != 0 {
			t.Fatal(errno)
		}
		there := 0
		for _, page := range pages {
			there += int(page & 1)
		}
		if there < len(pages) {
			t.Errorf("%d items have %d of %d pages", size, there, len(pages))
		}
	}
}
