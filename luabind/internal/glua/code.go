package glua

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Code is what the loop of package vm runs of a prototype. It is made when a function of
// that is called first.
type Code struct {
	Ins       []Ins   // one for each instruction of the prototype, at the same place
	Constants []Value // those of the prototype, and more
	Params    int
	Registers int  // of a call
	Vararg    bool // arguments beyond Params are kept
	NeedsArg  bool // as the table arg
}

// Ins is an instruction. A, B and C of registers and constants are in bytes, see At.
type Ins struct{ Op, A, B, C uint16 }

// prototype has the layout of lua.FunctionProto.
type prototype struct {
	head [unsafe.Offsetof(lua.FunctionProto{}.DbgUpvalues) + unsafe.Sizeof([]string(nil))]byte
	// The rest is stringConstants, which only gopher-lua's own loop reads: it finds none, and panics.
	code   *Code
	length int // 0
	marked int // is codeMark, where code is set
}

const codeMark = -1

// CodeOf returns the Code of p; nil: it is to be made.
func CodeOf(p *lua.FunctionProto) *Code {
	if q := (*prototype)(unsafe.Pointer(p)); q.marked == codeMark {
		return q.code
	}
	return nil
}

// SetCode sets the Code of p.
func SetCode(p *lua.FunctionProto, c *Code) {
	q := (*prototype)(unsafe.Pointer(p))
	q.code, q.length, q.marked = c, 0, codeMark
}

// InsAt returns where an instruction stands.
func (c *Code) InsAt(pc int) unsafe.Pointer { return unsafe.Pointer(&c.Ins[pc]) }

// Fetch returns the instruction at a place.
func Fetch(ip unsafe.Pointer) Ins { return *(*Ins)(ip) }

// Ahead returns the place n instructions further.
func Ahead(ip unsafe.Pointer, n int) unsafe.Pointer {
	return unsafe.Add(ip, n*int(unsafe.Sizeof(Ins{})))
}

// PcAt returns the number of the instruction at a place of c.
func (c *Code) PcAt(ip unsafe.Pointer) int {
	return int(uintptr(ip)-uintptr(unsafe.Pointer(unsafe.SliceData(c.Ins)))) / int(unsafe.Sizeof(Ins{}))
}
