// Package glua gives access to what gopher-lua v1.1.2 doesn't export of a running
// Lua state: its calls, its instructions and its tables. What takes the place of its registers and
// upvalues is here too (Value, Frames, Upvalue), and the search for the names of variables
// in errors (NameOf).
//
//	Inside(L) --> *State --Frame()-------> *Frame --Parent--> *Frame --> nil
//	                |                        |
//	                |                        Pc: of the next instruction
//	                |                        R: of its first register in Frames().Registers(), if it is a Lua function
//	                Reg.Values()[frame.LocalBase+n]: argument n+1 of a function in Go
//
// All contact with unexported names stands here. Callers call Known first: it
// returns an error for any other gopher-lua, and then nothing else here may be used.
package glua

import (
	"context"
	"fmt"
	"os"
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
	currentFrame *Frame // nil: no call is under way
	wrapped      bool
	uvcache      unsafe.Pointer // of upvalues that look at the registry: there are none
	hasErrorFunc bool
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

// Registry has the layout of lua.registry: the arguments of functions in Go, and what
// they have pushed. Registers of Lua functions are not here, see Frames.
type Registry struct {
	array   []lua.LValue // nil, not lua.LNil, from Top on
	Top     int
	GrowBy  int
	MaxSize int
	Numbers *Numbers
	Handler interface{ registryOverflow() }
}

// CallFrame has the layout of lua.callFrame, what gopher-lua knows of a call under way.
// Of a Lua function whose registers are laid out, Base, LocalBase and ReturnBase are the top
// that the registry had when it began: what is pushed then comes above.
type CallFrame struct {
	Idx        int
	Fn         *lua.LFunction
	Parent     *Frame
	Pc         int // of the next instruction
	Base       int // of the function itself in the registry
	LocalBase  int // of its first argument
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
	Push(CallFrame)
	SetSp(sp int)
	Sp() int
}

// Inside returns what L holds.
func Inside(L *lua.LState) *State { return (*State)(unsafe.Pointer(L)) }

//go:linkname resize github.com/yuin/gopher-lua.(*registry).resize
func resize(r *Registry, size int)

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
