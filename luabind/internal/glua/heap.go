package glua

import "unsafe"

// A Reading is a figure of package runtime/metrics by its name there.
type Reading struct {
	Name  string
	kind  int // of metrics.ValueKind
	value uint64
	_     unsafe.Pointer // of a histogram
}

// Uint64 returns the figure; ok is false if this Go version doesn't know its name.
func (r Reading) Uint64() (n uint64, ok bool) {
	const kindUint64 = 1 // metrics.KindUint64
	return r.value, r.kind == kindUint64
}

// ReadMetrics is metrics.Read. That package makes its list of all descriptions at the
// start of each program that imports it, which takes half a millisecond of every child.
// A test compares both.
func ReadMetrics(list []Reading) {
	readMetrics(unsafe.Pointer(unsafe.SliceData(list)), len(list), cap(list))
}

//go:linkname readMetrics runtime/metrics.runtime_readMetrics
func readMetrics(list unsafe.Pointer, len, cap int)
