//go:build !portable

package proc

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is the size of one on most machines. Where it is another, all that
// follows brings less.
const hugePage = 2 << 20

// minRoom is what is worth a collection. Beyond maxRoom a hint isn't followed: it comes
// before the payload that it is about, may be too large, and what is touched is taken.
const (
	minRoom = 8 << 20
	maxRoom = 256 << 20
)

// touchHuge touches b, which nothing has been written to, in huge pages for as long as
// they come faster than small ones. One fault is cheaper than the 512 that it stands
// for, but not where a virtual machine has given large free blocks back to its host,
// which brings them page by page: nobody knows which ones. 96 MiB were touched in 13 ms
// instead of 65 on one such machine (2 cores, AMD EPYC); on another one (2 cores, Intel
// Xeon) a child had 100,000 tables after 143 to 181 ms if all of their memory came in
// huge pages, and after 78 to 103 if none did.
func touchHuge(b []byte) {
	b = b[:cap(b)]
	before := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (hugePage - 1))
	if before > len(b) {
		return
	}
	b = b[before:]
	for ; len(b) >= 2*hugePage && !small.better; b = b[hugePage:] {
		small.tried.Do(func() { small.time = timeOfSmall(b[len(b)-hugePage:]) }) // which are never tried as a huge one
		unix.Madvise(b[:hugePage], unix.MADV_HUGEPAGE)                           // where there are none, small ones come
		small.better = touch(b[:hugePage]) > small.time
	}
}

// small is a fact about this process: what is known of small pages.
var small struct {
	tried  sync.Once
	time   time.Duration // for as many as a huge one stands for
	better bool          // than huge ones
}

// timeOfSmall returns how long as many small pages take as a huge one stands for, to go
// by the first of b.
func timeOfSmall(b []byte) time.Duration {
	const groups = 4
	group := 4 * os.Getpagesize()
	least := time.Hour
	for i := range groups { // one of them is not interrupted, most likely
		least = min(least, touch(b[i*group:][:group]))
	}
	return least * time.Duration(hugePage/group)
}

// touch writes to each page of b and returns how long that took.
func touch(b []byte) time.Duration {
	start := time.Now()
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i] = 0
	}
	return time.Since(start)
}

// makeRoom lets the next n bytes that this process allocates come in huge pages. The
// heap is made to grow by them at once, and they are given back to it.
func makeRoom(n int) {
	if n < minRoom {
		return
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // else n bytes more are a reason to collect
	touchHuge(make([]byte, min(n, maxRoom)))
	runtime.GC()
}
