package glua

import (
	"math"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Upvalue has the layout of lua.Upvalue.
type Upvalue struct {
	next   unsafe.Pointer
	Reg    *Registry // nil: closed from the start
	Index  int       // in Reg, while it is open
	Value  lua.LValue
	Closed bool
}

// InsideUpvalue returns what u holds.
func InsideUpvalue(u *lua.Upvalue) *Upvalue { return (*Upvalue)(unsafe.Pointer(u)) }

// Get returns the value.
func (u *Upvalue) Get() lua.LValue {
	if u.Closed || u.Reg == nil {
		return u.Value
	}
	return u.Reg.array[u.Index]
}

// FindUpvalue returns the open upvalue of a register, a new one if it has none.
//
//go:linkname FindUpvalue github.com/yuin/gopher-lua.(*LState).findUpvalue
func FindUpvalue(L *lua.LState, index int) *lua.Upvalue

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

// value is how Go stores a value that is a pointer to its data.
type value struct {
	kind unsafe.Pointer
	data unsafe.Pointer
}

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
	v := small[0]
	(*value)(unsafe.Pointer(&v)).data = unsafe.Pointer(at)
	return v
}

// StringValue returns *s as a value, which shares it: it must not change.
func StringValue(s *lua.LString) lua.LValue {
	v := anyString
	(*value)(unsafe.Pointer(&v)).data = unsafe.Pointer(s)
	return v
}

var anyString lua.LValue = lua.LString("any")

// Set sets the value.
func (u *Upvalue) Set(v lua.LValue) {
	if u.Closed || u.Reg == nil {
		u.Value = v
		return
	}
	u.Reg.Set(u.Index, v)
}

// Address returns a number that a table or a function has alone as long as it lives;
// 0 for other values.
func Address(v lua.LValue) uintptr {
	switch v := v.(type) {
	case *lua.LTable:
		return uintptr(unsafe.Pointer(v))
	case *lua.LFunction:
		return uintptr(unsafe.Pointer(v))
	}
	return 0
}

// TableAddress is Address of a table.
func TableAddress(t *lua.LTable) uintptr { return uintptr(unsafe.Pointer(t)) }
