package luabind

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// function makes a Lua function of a Go one. A context.Context as its first
// parameter is that of the run; an error as its last result is raised, at the
// place of the call, where it is not nil.
func (e *Engine) function(way string, v reflect.Value) (*lua.LFunction, error) {
	if f := e.plainFunction(v.Interface()); f != nil {
		return e.state.NewFunction(f), nil
	}
	t := v.Type()
	for i := range t.NumOut() {
		if k := t.Out(i).Kind(); k == reflect.Chan || k == reflect.UnsafePointer || k == reflect.Complex128 || k == reflect.Complex64 {
			return nil, &CrossError{way, t.String()}
		}
	}
	first := 0
	if t.NumIn() > 0 && t.In(0) == reflect.TypeFor[context.Context]() {
		first = 1
	}
	raises := t.NumOut() > 0 && t.Out(t.NumOut()-1) == errorType
	return e.state.NewFunction(func(L *lua.LState) int {
		args := make([]reflect.Value, 0, t.NumIn())
		if first == 1 {
			args = append(args, reflect.ValueOf(e.Context()))
		}
		for i := first; i < t.NumIn(); i++ {
			if t.IsVariadic() && i == t.NumIn()-1 {
				for n := i - first + 1; n <= L.GetTop(); n++ {
					args = append(args, e.argument(L, n, t.In(i).Elem()))
				}
				break
			}
			args = append(args, e.argument(L, i-first+1, t.In(i)))
		}
		results := v.Call(args)
		if raises {
			last := len(results) - 1
			if err, ok := results[last].Interface().(error); ok {
				e.raise(L, err)
			}
			results = results[:last]
		}
		for i, r := range results {
			e.push(L, fmt.Sprintf("result %d", i+1), r.Interface())
		}
		return len(results)
	}), nil
}

// plainFunction spares the commonest signatures the reflection. It returns nil
// for others.
func (e *Engine) plainFunction(f any) lua.LGFunction {
	switch f := f.(type) {
	case lua.LGFunction:
		return f
	case func(*lua.LState) int:
		return f
	case func():
		return func(*lua.LState) int {
			f()
			return 0
		}
	case func() error:
		return func(L *lua.LState) int {
			e.check(L, f())
			return 0
		}
	case func(float64) float64:
		return func(L *lua.LState) int {
			L.Push(lua.LNumber(f(float64(L.CheckNumber(1)))))
			return 1
		}
	case func(float64, float64) float64:
		return func(L *lua.LState) int {
			L.Push(lua.LNumber(f(float64(L.CheckNumber(1)), float64(L.CheckNumber(2)))))
			return 1
		}
	case func(string) string:
		return func(L *lua.LState) int {
			L.Push(lua.LString(f(L.CheckString(1))))
			return 1
		}
	case func(string) error:
		return func(L *lua.LState) int {
			e.check(L, f(L.CheckString(1)))
			return 0
		}
	case func(string) (string, error):
		return func(L *lua.LState) int {
			s, err := f(L.CheckString(1))
			e.check(L, err)
			L.Push(lua.LString(s))
			return 1
		}
	case Func:
		return func(L *lua.LState) int {
			args := make([]any, L.GetTop())
			for i := range args {
				x, err := e.toGo(fmt.Sprintf("argument %d", i+1), L.Get(i+1))
				e.check(L, err)
				args[i] = x
			}
			results, err := f(e.Context(), args...)
			e.check(L, err)
			for i, r := range results {
				e.push(L, fmt.Sprintf("result %d", i+1), r)
			}
			return len(results)
		}
	}
	return nil
}

// argument converts argument n of a call, or raises.
func (e *Engine) argument(L *lua.LState, n int, t reflect.Type) reflect.Value {
	x, err := e.into(fmt.Sprintf("argument %d", n), L.Get(n), t, 0)
	if cross, ok := err.(*CrossError); ok {
		L.ArgError(n, cross.What)
	}
	return x
}

func (e *Engine) push(L *lua.LState, way string, v any) {
	x, err := e.toLua(way, v)
	e.check(L, err)
	L.Push(x)
}

// check raises err where it is one.
func (e *Engine) check(L *lua.LState, err error) {
	if err != nil {
		e.raise(L, err)
	}
}

// raised is a Go error that a Go function has raised in a script.
type raised struct {
	where string // "file:line: ", of the call
	err   error
}

func (r *raised) Error() string { return r.where + r.err.Error() }
func (r *raised) Unwrap() error { return r.err }

func (e *Engine) raise(L *lua.LState, err error) {
	where := L.Where(1)
	if where == "" || strings.HasPrefix(where, "[G]") { // called by Go
		where = ""
	} else {
		where += " "
	}
	L.Error(e.errorValue(&raised{where, err}), 0)
}
