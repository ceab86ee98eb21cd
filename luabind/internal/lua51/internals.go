package lua51

import (
	"fmt"
	"reflect"
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// Protected calls need three things of a state that gopher-lua doesn't export:
// its mark that errors must leave upvalues alone, its stack of calls, and the
// closing of upvalues (a linked function; that needs the empty file
// internals.s). All contact with them is in this file.
//
// supported compares the layout of these types with what stands here, and
// tries what is built on it, before anything else of this package is used: of
// another gopher-lua it says so and does not touch it.

// state has the layout of lua.LState.
type state struct {
	G            *lua.Global
	Parent       *lua.LState
	Env          *lua.LTable
	Panic        func(*lua.LState)
	Dead         bool
	Options      lua.Options
	stop         int32
	reg          unsafe.Pointer
	stack        callStack
	alloc        unsafe.Pointer
	currentFrame *frame
	wrapped      bool
	uvcache      unsafe.Pointer
	hasErrorFunc bool // an error closes no upvalues: its catcher does
	mainLoop     func(*lua.LState, *frame)
	ctx          any
	ctxCancelFn  func()
}

// frame has the layout of lua.callFrame, one call under way.
type frame struct {
	Idx        int
	Fn         *lua.LFunction
	Parent     *frame
	Pc         int
	Base       int // of the function itself in the registry
	LocalBase  int // of its first argument
	ReturnBase int
	NArgs      int
	NRet       int
	TailCall   int
}

// callStack has the methods of lua.callFrameStack, and so the layout of such an
// interface: methods are laid out by name.
type callStack interface {
	At(sp int) *frame
	FreeAll()
	IsEmpty() bool
	IsFull() bool
	Last() *frame
	Pop() *frame
	Push(frame)
	SetSp(sp int)
	Sp() int
}

//go:linkname closeUpvalues github.com/yuin/gopher-lua.(*LState).closeUpvalues
func closeUpvalues(L *lua.LState, index int)

// inside returns what L holds.
func inside(L *lua.LState) *state { return (*state)(unsafe.Pointer(L)) }

// code returns the instruction that f, a Lua function, is at, and whether it is
// a call.
func (f *frame) code() (inst uint32, call bool) {
	inst = f.Fn.Proto.Code[f.Pc-1]
	op := int(inst >> opcodeShift)
	return inst, op == lua.OP_CALL || op == lua.OP_TAILCALL
}

// where says where f is, as "name:line: ", and nothing for a Go function.
func (f *frame) where() string {
	if f == nil || f.Fn.IsG || f.Pc == 0 {
		return ""
	}
	p := f.Fn.Proto
	return fmt.Sprintf("%s:%d: ", p.SourceName, p.DbgSourcePositions[f.Pc-1])
}

// Supported returns an error that says what is different if the gopher-lua in
// this program isn't one that this package knows.
var Supported = sync.OnceValue(func() error {
	if err := sameLayout(); err != nil {
		return fmt.Errorf("lua51: unknown version of gopher-lua: %w", err)
	}
	if err := sameBehaviour(); err != nil {
		return fmt.Errorf("lua51: unknown version of gopher-lua: %w", err)
	}
	return nil
})

func sameLayout() error {
	if lua.FieldsPerFlush != itemsPerFlush {
		return fmt.Errorf("lua.FieldsPerFlush is %d", lua.FieldsPerFlush)
	}
	theirs, ours := reflect.TypeFor[lua.LState](), reflect.TypeFor[state]()
	if err := sameFields(theirs, ours); err != nil {
		return err
	}
	current, _ := theirs.FieldByName("currentFrame")
	if current.Type.Kind() != reflect.Pointer {
		return fmt.Errorf("currentFrame is a %v", current.Type)
	}
	if err := sameFields(current.Type.Elem(), reflect.TypeFor[frame]()); err != nil {
		return err
	}
	stack, _ := theirs.FieldByName("stack")
	return sameMethods(stack.Type, reflect.TypeFor[callStack]())
}

// sameFields compares names, places and, as far as ours says it, types.
func sameFields(theirs, ours reflect.Type) error {
	if theirs.NumField() != ours.NumField() || theirs.Size() != ours.Size() {
		return fmt.Errorf("%v has %d fields in %d bytes, not %d in %d",
			theirs, theirs.NumField(), theirs.Size(), ours.NumField(), ours.Size())
	}
	for i := range ours.NumField() {
		t, o := theirs.Field(i), ours.Field(i)
		if t.Name != o.Name || t.Offset != o.Offset || !sameKind(t.Type, o.Type) {
			return fmt.Errorf("%v.%s %v at %d is not %s %v at %d", theirs, t.Name, t.Type, t.Offset, o.Name, o.Type, o.Offset)
		}
	}
	return nil
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

// sameBehaviour runs what the mends of this package are for.
func sameBehaviour() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	L := lua.NewState(lua.Options{SkipOpenLibs: true, MinimizeStackMemory: true, RegistrySize: 128})
	defer L.Close()
	L.SetGlobal("pcall", L.NewFunction(PCall))
	L.SetGlobal("wrap", L.NewFunction(Wrap))
	L.SetGlobal("yield", L.NewFunction(Yield))
	f, err := L.LoadString(`
		local n, dead = 0, nil
		local function inc() n = n + 1 return n end
		pcall(function() local x = 1; dead = function() return x end; inc.x = 1 end)
		inc()
		local two = wrap(function() local a, b = yield(1) return a, b end)
		return n, dead(), two(), two(2)`)
	if err != nil {
		return err
	}
	L.Push(f)
	if err := Call(L, 0, 5); err != nil {
		return err
	}
	for i, want := range []lua.LValue{lua.LNumber(1), lua.LNumber(1), lua.LNumber(1), lua.LNumber(2), lua.LNil} {
		if got := L.Get(i + 1); got != want {
			return fmt.Errorf("the trial gave %v as its value %d, not %v", got, i+1, want)
		}
	}
	if L.GetTop() != 5 || inside(L).stack.Sp() != 0 {
		return fmt.Errorf("the trial left %d values and %d calls", L.GetTop(), inside(L).stack.Sp())
	}
	return nil
}
