package luabind

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Eval runs src, an expression or statements, and returns its values: those of
// the expression, or what the statements return.
func (e *Engine) Eval(ctx context.Context, src string) ([]any, error) {
	const chunk = "eval"
	f, err := e.Load(chunk, "return "+src)
	if err != nil {
		if f, err = e.Load(chunk, src); err != nil {
			return nil, err
		}
	}
	return e.callValue(ctx, chunk, f, nil)
}

// Call calls a global function, or one in a table of the globals
// ("mod.sub.name"), and returns its results.
func (e *Engine) Call(ctx context.Context, fn string, args ...any) ([]any, error) {
	if e.state.IsClosed() {
		return nil, ErrClosed
	}
	var f lua.LValue = e.state.G.Global
	for name := range strings.SplitSeq(fn, ".") {
		table, ok := f.(*lua.LTable)
		if !ok {
			return nil, &Error{Message: fmt.Sprintf("cannot call %s: %s is not in a table", fn, name)}
		}
		f = table.RawGetString(name)
	}
	if f.Type() != lua.LTFunction && e.state.GetMetaField(f, "__call") == lua.LNil {
		return nil, &Error{Message: fmt.Sprintf("cannot call %s: it is a %s value", fn, f.Type())}
	}
	return e.callValue(ctx, fn, f, args)
}

// callValue calls f, whose name in errors is way.
func (e *Engine) callValue(ctx context.Context, way string, f lua.LValue, args []any) ([]any, error) {
	values := make([]lua.LValue, len(args))
	for i, a := range args {
		v, ok := plainToLua(a)
		if !ok {
			var err error
			if v, err = e.toLua(fmt.Sprintf("argument %d of %s", i+1, way), a); err != nil {
				return nil, err
			}
		}
		values[i] = v
	}
	results, err := e.Do(ctx, f, lua.MultRet, values...)
	if err != nil || len(results) == 0 {
		return nil, err
	}
	out := make([]any, len(results))
	for i, r := range results {
		if out[i], err = e.toGo(fmt.Sprintf("result %d of %s", i+1, way), r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SetGlobal sets a global variable to a copy of value. A func becomes a Lua
// function: its arguments are converted to the types of its parameters, where a
// context.Context that comes first is that of the run; its results become those
// in Lua, but for an error that comes last, which is raised where it is not nil.
//
// What is set so exists in this engine only. A Go function that children shall
// have too is bound by a Module.
func (e *Engine) SetGlobal(name string, value any) error {
	if e.state.IsClosed() {
		return ErrClosed
	}
	v, err := e.toLua(name, value)
	if err != nil {
		return err
	}
	e.state.G.Global.RawSetString(name, v)
	return nil
}

// Value converts v as SetGlobal does. It is for the Open of modules.
func (e *Engine) Value(v any) (lua.LValue, error) {
	return e.toLua(reflect.TypeOf(v).String(), v)
}
