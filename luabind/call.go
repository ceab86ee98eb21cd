package luabind

import (
	"context"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Eval runs src, an expression or statements, and returns its values: those of
// the expression, or what the statements return.
func (e *Engine) Eval(ctx context.Context, src string) ([]any, error) {
	const chunk = "eval"
	f, err := e.compile(ctx, chunk, "return "+src)
	if err != nil {
		if f, err = e.compile(ctx, chunk, src); err != nil {
			return nil, err
		}
	}
	return e.callValue(ctx, chunk, f, nil)
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
		if f, err = e.lookUp(path); err != nil {
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

// lookUp returns the global function of that name.
func (e *Engine) lookUp(fn string) (lua.LValue, error) {
	if f, ok := e.state.G.Global.RawGetString(fn).(*lua.LFunction); ok {
		return f, nil
	}
	var v lua.LValue = e.state.G.Global
	for name := range strings.SplitSeq(fn, ".") {
		table, ok := v.(*lua.LTable)
		if !ok {
			return nil, &Error{Message: fmt.Sprintf("cannot call %s: %s is not in a table", fn, name)}
		}
		v = table.RawGetString(name)
	}
	if v.Type() != lua.LTFunction && e.state.GetMetaField(v, "__call") == lua.LNil {
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
	e.state.G.Global.RawSetString(name, v)
	return nil
}

// Value converts v as SetGlobal does. It is for the Open of modules.
func (e *Engine) Value(v any) (lua.LValue, error) {
	value, err := e.toLua(v)
	if err != nil {
		return nil, err.in(fmt.Sprintf("%T", v))
	}
	return value, nil
}
