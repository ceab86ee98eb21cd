package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// A Native does in registers what a function in Go does with arguments of the usual kinds:
// no call is made, and no number gets memory elsewhere. It calls nothing, raises no error, and looks
// at args before it writes to out, which has room for one value more than there are in args, for
// two at least, and mostly for some more; they overlap. It returns how many results are in out, or -1: then the
// function is called.
type Native func(s *State, args, out []Value) int

// A NamedNative is a Native for the function of that name in a library.
type NamedNative struct {
	Name string
	Do   Native
}

// nativeMark is the capacity of the upvalues of a function with a Native, which takes their
// place: such a function has none.
const nativeMark = 1<<31 - 1

// SetNatives gives functions in Go of a library their Natives.
func SetNatives(t *lua.LTable, list []NamedNative) {
	for i := range list {
		SetNative(Named(t, list[i].Name).(*lua.LFunction), &list[i].Do)
	}
}

// SetNative gives f, a function in Go without upvalues, a Native.
func SetNative(f *lua.LFunction, do *Native) {
	header := (*slice)(unsafe.Pointer(&f.Upvalues))
	*header = slice{unsafe.Pointer(do), 0, nativeMark}
}

// slice is how Go stores a slice.
type slice struct {
	first    unsafe.Pointer
	len, cap int
}

// NativeOf returns that of f, or nil.
func NativeOf(f *lua.LFunction) Native {
	if header := (*slice)(unsafe.Pointer(&f.Upvalues)); header.cap == nativeMark && f.IsG {
		return *(*Native)(header.first)
	}
	return nil
}

// nativeRoom is for how many results there is room where there are so many registers.
const nativeRoom = 16

// RunNative is RunGo by a Native. It is not done where that leaves it to the function, or
// where there are too few registers: it makes no more of them.
func (s *State) RunNative(c *Frames, do Native, first, nargs, nret, to int) (done bool) {
	end := max(first+nargs, to+2)
	if max(end, to+nret) > len(c.regs) {
		return false
	}
	n := do(s, c.regs[first:first+nargs], c.regs[to:max(end, min(to+nativeRoom, len(c.regs)))])
	if n < 0 {
		return false
	}
	if nret < 0 {
		nret = n
	}
	SetNil(c.regs[to+min(n, nret) : to+max(n, nret)]) // what isn't wanted shall not be kept
	c.Top = to + nret
	return true
}

// An Entry tells functions in Go apart that capture nothing.
type Entry struct{ at unsafe.Pointer }

// EntryOf returns that of f.
func EntryOf(f lua.LGFunction) Entry { return Entry{*(*unsafe.Pointer)(unsafe.Pointer(&f))} }
