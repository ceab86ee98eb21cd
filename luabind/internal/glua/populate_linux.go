package glua

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// populate lets the system give memory that was made just now its pages in one call, if it is long.
// Else each comes when it is touched first, and many come twice: to make so much is what a
// collection begins by, which reads it at the same time, and a page that was read before it was
// written to is replaced, for which the other processors are interrupted.
func populate[T any](made []T) {
	const worth = 64 << 10 // bytes
	size := len(made) * int(unsafe.Sizeof(made[0]))
	if size < worth {
		return
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(made))), size)
	before := -int(uintptr(unsafe.Pointer(&b[0]))) & (os.Getpagesize() - 1)
	unix.Madvise(b[before:], unix.MADV_POPULATE_WRITE) // since Linux 5.14
}
