// Package vm is the way to what gopher-lua v1.1.2 doesn't export of a running
// Lua state: its calls, its registers, its loop over instructions.
//
//	Inside(L) --> *State --CurrentFrame--> *Frame --Parent--> *Frame --> nil
//	                |                        |
//	                |                        Pc: of the next instruction
//	                Reg.Array[frame.LocalBase+n]: register n of that call
//
// All contact with unexported names stands here. Known compares the layout of
// gopher-lua's types with the one that stands here, before anything else of this
// package is used: of another gopher-lua it says so, and nothing touches it.
package vm

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// State has the layout of lua.LState.
type State struct {
	G            *Global
	Parent       *lua.LState
	Env          *lua.LTable
	Panic        func(*lua.LState)
	Dead         bool
	Options      lua.Options
	stop         int32
	Reg          *Registry
	Stack        CallStack
	alloc        *Numbers
	CurrentFrame *Frame // nil: no call is under way
	wrapped      bool
	Open         unsafe.Pointer // upvalues that look at registers; nil: none does
	HasErrorFunc bool           // an error closes no upvalues: its catcher does
	MainLoop     func(*lua.LState, *Frame)
	Ctx          context.Context
	ctxCancelFn  context.CancelFunc
}

// Global has the layout of lua.Global: what a state shares with its coroutines.
type Global struct {
	MainThread    *lua.LState
	CurrentThread *lua.LState
	Registry      *lua.LTable
	Global        *lua.LTable
	BuiltinMts    map[int]lua.LValue // by type; none of tables and userdata
	TempFiles     []*os.File
	Alarm         int32 // gopher-lua's gccount, which nothing there looks at
}

// Registry has the layout of lua.registry: the registers of all calls, and what
// is above them on the stack.
type Registry struct {
	Array   []lua.LValue // nil, not lua.LNil, from Top on
	Top     int
	GrowBy  int
	MaxSize int
	Numbers *Numbers
	Handler interface{ registryOverflow() }
}

// Frame has the layout of lua.callFrame, one call under way.
type Frame struct {
	Idx        int
	Fn         *lua.LFunction
	Parent     *Frame
	Pc         int // of the next instruction
	Base       int // of the function itself in the registry
	LocalBase  int // of its first argument, or of its first register
	ReturnBase int
	NArgs      int
	NRet       int
	TailCall   int // how many calls this one has taken the place of
}

// CallStack has the methods of lua.callFrameStack, and so the layout of such an
// interface: methods are laid out by name.
type CallStack interface {
	At(sp int) *Frame
	FreeAll()
	IsEmpty() bool
	IsFull() bool
	Last() *Frame
	Pop() *Frame
	Push(Frame)
	SetSp(sp int)
	Sp() int
}

// An Op runs one instruction of the call base or one inside it, and returns 1 if
// that ended the loop. The instruction counter is past the instruction.
type Op func(L *lua.LState, inst uint32, base *Frame) int

// Ops are gopher-lua's instructions, by number; they must not be written to.
//
//go:linkname Ops github.com/yuin/gopher-lua.jumpTable
var Ops [lua.OP_NOP + 1]Op

// CloseUpvalues lets the upvalues of registers from index on hold their values
// themselves.
//
//go:linkname CloseUpvalues github.com/yuin/gopher-lua.(*LState).closeUpvalues
func CloseUpvalues(L *lua.LState, index int)

// CallGo runs the Go function of the current frame and says whether that ended
// the loop. Tail says that its results are those of the call around it.
//
//go:linkname CallGo github.com/yuin/gopher-lua.callGFunction
func CallGo(L *lua.LState, tail bool) bool

// Inside returns what L holds.
func Inside(L *lua.LState) *State { return (*State)(unsafe.Pointer(L)) }

//go:linkname resize github.com/yuin/gopher-lua.(*registry).resize
func resize(r *Registry, size int)

// Set sets a register, or what is above all registers in use.
func (r *Registry) Set(i int, v lua.LValue) {
	if i >= r.Top {
		r.raise(i)
	}
	r.Array[i] = v
}

// SetNumber is Set for a number, which takes its memory from a larger piece.
func (r *Registry) SetNumber(i int, n lua.LNumber) {
	if i >= r.Top {
		r.raise(i)
	}
	r.Array[i] = r.Numbers.Value(n)
}

// raise puts the top above i.
func (r *Registry) raise(i int) {
	if i >= len(r.Array) {
		resize(r, i+1)
	}
	r.Top = i + 1
}

// RK returns what an operand, B or C, names in f: a register or a constant.
func (s *State) RK(f *Frame, operand int) lua.LValue {
	if operand&constantBit != 0 {
		return f.Fn.Proto.Constants[operand&^constantBit]
	}
	return s.Reg.Array[f.LocalBase+operand]
}

// Code returns the instruction that f, a Lua function, is at, and whether it is
// a call.
func (f *Frame) Code() (inst uint32, call bool) {
	inst = f.Fn.Proto.Code[f.Pc-1]
	op := Opcode(inst)
	return inst, op == lua.OP_CALL || op == lua.OP_TAILCALL
}

// Where says where f is, as "name:line: ", and nothing for a Go function or none.
func (f *Frame) Where() string {
	if f == nil || f.Fn.IsG || f.Pc == 0 {
		return ""
	}
	p := f.Fn.Proto
	return fmt.Sprintf("%s:%d: ", p.SourceName, p.DbgSourcePositions[f.Pc-1])
}

// Known returns an error that says what is different if the gopher-lua in this
// program isn't the one that this package is written for.
var Known = sync.OnceValue(func() error {
	if err := sameLayout(); err != nil {
		return fmt.Errorf("vm: unknown version of gopher-lua: %w", err)
	}
	return nil
})

func sameLayout() error {
	theirs, ours := reflect.TypeFor[lua.LState](), reflect.TypeFor[State]()
	if err := sameFields(theirs, ours); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		ours reflect.Type
	}{
		{"G", reflect.TypeFor[Global]()},
		{"reg", reflect.TypeFor[Registry]()},
		{"currentFrame", reflect.TypeFor[Frame]()},
		{"alloc", reflect.TypeFor[Numbers]()},
	} {
		field, _ := theirs.FieldByName(part.name)
		if field.Type.Kind() != reflect.Pointer {
			return fmt.Errorf("%s is a %v", part.name, field.Type)
		}
		if err := sameFields(field.Type.Elem(), part.ours); err != nil {
			return err
		}
	}
	for _, part := range [][2]reflect.Type{
		{reflect.TypeFor[lua.LTable](), reflect.TypeFor[Table]()},
		{reflect.TypeFor[lua.Upvalue](), reflect.TypeFor[Upvalue]()},
	} {
		if err := sameFields(part[0], part[1]); err != nil {
			return err
		}
	}
	stack, _ := theirs.FieldByName("stack")
	return sameMethods(stack.Type, reflect.TypeFor[CallStack]())
}

// sameFields compares names (ours may be exported), places and, as far as ours
// says it, types.
func sameFields(theirs, ours reflect.Type) error {
	if theirs.NumField() != ours.NumField() || theirs.Size() != ours.Size() {
		return fmt.Errorf("%v has %d fields in %d bytes, not %d in %d",
			theirs, theirs.NumField(), theirs.Size(), ours.NumField(), ours.Size())
	}
	for i := range ours.NumField() {
		t, o := theirs.Field(i), ours.Field(i)
		if !sameName(t.Name, o.Name) || t.Offset != o.Offset || !sameKind(t.Type, o.Type) {
			return fmt.Errorf("%v.%s %v at %d is not %s %v at %d", theirs, t.Name, t.Type, t.Offset, o.Name, o.Type, o.Offset)
		}
	}
	return nil
}

// renamed are the fields that have a name of their own here.
var renamed = map[string]string{
	"gccount": "Alarm", "uvcache": "Open", "alloc": "Numbers",
	"fptrs": "free", "fheader": "Header", "scratchValue": "Scratch", "scratchValueP": "Word",
}

func sameName(theirs, ours string) bool {
	return strings.EqualFold(theirs, ours) || renamed[theirs] == ours
}

func sameKind(theirs, ours reflect.Type) bool {
	switch {
	case theirs == ours:
		return true
	case ours.Kind() == reflect.UnsafePointer:
		return theirs.Kind() == reflect.Pointer
	}
	// A name of gopher-lua's own stands on one side, ours on the other.
	return theirs.Kind() == ours.Kind() && theirs.Size() == ours.Size()
}

func sameMethods(theirs, ours reflect.Type) error {
	if theirs.Kind() != reflect.Interface || theirs.NumMethod() != ours.NumMethod() {
		return fmt.Errorf("%v is not an interface of %d methods", theirs, ours.NumMethod())
	}
	for i := range ours.NumMethod() {
		t, o := theirs.Method(i), ours.Method(i)
		same := t.Name == o.Name && t.Type.NumIn() == o.Type.NumIn() && t.Type.NumOut() == o.Type.NumOut()
		for n := 0; same && n < o.Type.NumIn(); n++ {
			same = sameKind(t.Type.In(n), o.Type.In(n))
		}
		for n := 0; same && n < o.Type.NumOut(); n++ {
			same = sameKind(t.Type.Out(n), o.Type.Out(n))
		}
		if !same {
			return fmt.Errorf("%v.%s %v is not %s %v", theirs, t.Name, t.Type, o.Name, o.Type)
		}
	}
	return nil
}
