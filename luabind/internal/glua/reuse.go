package glua

import (
	"math/bits"
	"sync"
	"unsafe"
)

// A table to which items are appended one after the other takes twice as much memory each time that
// it is full. What it had before goes to the next table that grows: half of what such tables take is
// no work for the collector then. So nobody may look at Items that were taken before a table grew.

// Lists of 1<<minReused to 1<<maxReused items are used again: smaller ones aren't worth it, of larger
// ones most are the only ones.
const minReused, maxReused = 5, 12

// spare are lists that no table has any more, by the logarithm of their size: all 0. What they are
// is *Value, the first of each.
var spare [maxReused + 1]sync.Pool

// newItems returns a new list, all 0.
func newItems(size int) []Value {
	if log, ok := reusable(size); ok {
		if first, ok := spare[log].Get().(*Value); ok {
			return unsafe.Slice(first, size)
		}
	}
	items := make([]Value, size)
	populate(items)
	return items
}

// reuse takes a list that nobody looks at any more.
func reuse(items []Value) {
	if log, ok := reusable(len(items)); ok {
		clear(items)
		spare[log].Put(unsafe.SliceData(items))
	}
}

func reusable(size int) (log int, ok bool) {
	log = bits.Len(uint(size)) - 1
	return log, log >= minReused && log <= maxReused && size == 1<<log
}
