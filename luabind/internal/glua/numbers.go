package glua

import (
	"math"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Numbers has the layout of lua.allocator: numbers of a state, as values, are
// taken from larger pieces of memory.
type Numbers struct {
	Size    int
	free    []float64 // used up to its length
	Header  unsafe.Pointer
	Scratch lua.LValue
	Word    unsafe.Pointer
}

// small are the numbers from 0 on, as values.
//
//go:linkname small github.com/yuin/gopher-lua.preloads
var small [128]lua.LValue

// Value returns n as a value.
func (a *Numbers) Value(n lua.LNumber) lua.LValue {
	if i := int(n); uint(i) < uint(len(small)) && lua.LNumber(i) == n && (i != 0 || !math.Signbit(float64(n))) {
		return small[i]
	}
	i := len(a.free)
	if i == cap(a.free) {
		a.free = make([]float64, 0, a.Size)
		i = 0
	}
	a.free = a.free[:i+1]
	at := &a.free[i]
	*at = float64(n)
	w := word{kindNumber, unsafe.Pointer(at)}
	return *(*lua.LValue)(unsafe.Pointer(&w))
}

// StringValue returns *s as a value, which shares it: it must not change.
func StringValue(s *lua.LString) Value { return Value{unsafe.Pointer(s), tagString} }
