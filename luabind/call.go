package luabind

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Eval runs src, an expression or statements, and returns its values: those of
// the expression, or what the statements return.
func (e *Engine) Eval(ctx context.Context, src string) ([]any, error) {
	f, err := e.compileEval(ctx, src)
	if err != nil {
		return nil, err
	}
	return e.callValue(ctx, evalChunk, f, nil)
}

// evalChunk is the name of what Eval runs.
const evalChunk = "eval"

// compileEval compiles an expression or statements.
func (e *Engine) compileEval(ctx context.Context, src string) (*lua.LFunction, error) {
	f, err := e.compile(ctx, evalChunk, "return "+src)
	if err != nil {
		f, err = e.compile(ctx, evalChunk, src)
	}
	return f, err
}

// EvalInto is Eval for those who know the types: the first values become those that
// the pointers of into point to, as the results of a Lua function do that is called as
// a Go function of these types; see SetGlobal. A value that doesn't fit is a
// *ConvertError; one that is missing is nil. After an error nothing is set.
func (e *Engine) EvalInto(ctx context.Context, src string, into ...any) error {
	targets := make([]reflect.Value, len(into))
	for i, p := range into {
		var err error
		if targets[i], err = pointedTo(p); err != nil {
			return err
		}
	}
	f, err := e.compileEval(ctx, src)
	if err != nil {
		return err
	}
	values := make([]reflect.Value, len(into))
	for i, t := range targets {
		values[i] = reflect.New(t.Type()).Elem()
	}
	if err := e.callInto(ctx, evalChunk, f, nil, values); err != nil {
		return err
	}
	for i, t := range targets {
		t.Set(values[i])
	}
	return nil
}

// Get sets what into points to, to the value of a global variable, or of a field in a
// table of the globals ("config.server.port"), converted to that type: numbers,
// strings, slices, maps, structs by their fields' names, functions, any. A value that
// doesn't fit is a *ConvertError, and nothing is set; nil fits a pointer, slice, map,
// func, interface or bool. While a script runs, so also in a Go function that it has called, Get returns
// ErrBusy.
func (e *Engine) Get(name string, into any) error {
	target, err := pointedTo(into)
	if err != nil {
		return err
	}
	number, ok := e.runLock.take()
	if !ok {
		return ErrBusy
	}
	defer e.runLock.end(number)
	if e.state.IsClosed() {
		return ErrClosed
	}
	v, err := e.lookUp(name)
	if err != nil {
		return &Error{Message: "cannot get " + name + ": " + err.Error()}
	}
	value := reflect.New(target.Type()).Elem()
	c := goCall{engine: e}
	if err := e.into(value, v, 0, c.callback); err != nil {
		return err.in(name)
	}
	target.Set(value)
	return nil
}

// pointedTo returns what p, a pointer, points to.
func pointedTo(p any) (reflect.Value, error) {
	v := reflect.ValueOf(p)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return v, fmt.Errorf("luabind: a %T to convert into, want a pointer that is not nil", p)
	}
	return v.Elem(), nil
}

// Call calls a global function, or one in a table of the globals
// ("mod.sub.name"), and returns its results.
func (e *Engine) Call(ctx context.Context, fn string, args ...any) ([]any, error) {
	return e.callValue(ctx, fn, nil, args)
}

// callValue calls f, whose name in errors is path; nil: the global function of
// that name.
func (e *Engine) callValue(ctx context.Context, path string, f lua.LValue, args []any) ([]any, error) {
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	L := e.state
	top := L.GetTop()
	defer e.leave(top)
	if f == nil {
		var err error
		if f, err = e.lookUpFunction(path); err != nil {
			return nil, err
		}
	} else {
		defer e.forget(top)
	}
	L.Push(f)
	for i, a := range args {
		v, ok := plainToLua(a)
		if !ok {
			var err *ConvertError
			if v, err = e.toLua(a); err != nil {
				return nil, err.in(fmt.Sprintf("argument %d of %s", i+1, path))
			}
		}
		L.Push(v)
	}
	if err := e.protected(ctx, len(args), lua.MultRet); err != nil {
		return nil, err
	}
	n := L.GetTop() - top
	if n == 0 {
		return nil, nil
	}
	out := make([]any, n)
	for i := range out {
		v := L.Get(top + 1 + i)
		x, ok := plainToGo(v)
		if !ok {
			var err *ConvertError
			if x, err = e.toGo(v); err != nil {
				return nil, err.in(fmt.Sprintf("result %d of %s", i+1, path))
			}
		}
		out[i] = x
	}
	return out, nil
}

// lookUp returns the value of a global variable, or of a field in a table of the
// globals.
func (e *Engine) lookUp(name string) (lua.LValue, error) {
	var v lua.LValue = e.state.G.Global
	for field := range strings.SplitSeq(name, ".") {
		table, ok := v.(*lua.LTable)
		if !ok {
			return nil, fmt.Errorf("%s is not in a table", field)
		}
		v = glua.Named(table, field)
	}
	return v, nil
}

// lookUpFunction returns the global function of that name.
func (e *Engine) lookUpFunction(fn string) (lua.LValue, error) {
	if f, ok := glua.Named(e.state.G.Global, fn).(*lua.LFunction); ok {
		return f, nil
	}
	v, err := e.lookUp(fn)
	if err != nil {
		return nil, &Error{Message: fmt.Sprintf("cannot call %s: %v", fn, err)}
	}
	if v.Type() != lua.LTFunction && glua.Metamethod(e.state, v, "__call") == lua.LNil {
		return nil, &Error{Message: fmt.Sprintf("cannot call %s: it is a %s value", fn, v.Type())}
	}
	return v, nil
}

// SetGlobal sets a global variable to a copy of value. A func becomes a Lua
// function: its arguments are converted to the types of its parameters, where a
// context.Context that comes first is that of the run; its results become those
// in Lua, but for an error that comes last, which is raised where it is not nil.
//
// What is set so exists in this engine only. A Go function that children shall
// have too is bound by a Module. While a script runs, so also in a Go function
// that it has called, SetGlobal returns ErrBusy.
func (e *Engine) SetGlobal(name string, value any) error {
	number, ok := e.runLock.take()
	if !ok {
		return ErrBusy
	}
	defer e.runLock.end(number)
	if e.state.IsClosed() {
		return ErrClosed
	}
	v, err := e.toLua(value)
	if err != nil {
		return err.in(name)
	}
	glua.SetNamed(e.state.G.Global, name, v)
	return nil
}

// Value converts v as SetGlobal does. It is for the Open of modules.
func (h *Host) Value(v any) (lua.LValue, error) {
	value, err := h.toLua(v)
	if err != nil {
		return nil, err.in(fmt.Sprintf("%T", v))
	}
	return glua.Inside(h.state).Shown(value), nil
}
