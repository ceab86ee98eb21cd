package luabind

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// function makes a Lua function of a Go one. It is false for one whose results
// can't cross.
func (e *Engine) function(v reflect.Value) (*lua.LFunction, bool) {
	if f := e.quickFunction(v.Interface()); f != nil {
		return e.state.NewFunction(f), true
	}
	t := v.Type()
	for i := range t.NumOut() {
		switch t.Out(i).Kind() {
		case reflect.Chan, reflect.UnsafePointer, reflect.Complex128, reflect.Complex64:
			return nil, false
		}
	}
	f := &goFunction{
		engine:  e,
		value:   v,
		results: t.NumOut(),
		args:    make([]reflect.Value, t.NumIn()),
	}
	for i := range f.args {
		f.args[i] = reflect.New(t.In(i)).Elem()
	}
	f.context = t.NumIn() > 0 && t.In(0) == contextType
	f.raises = t.NumOut() > 0 && t.Out(t.NumOut()-1) == errorType
	return e.state.NewFunction(f.call), true
}

var contextType = reflect.TypeFor[context.Context]()

// goFunction is a Go function of any type.
type goFunction struct {
	engine  *Engine
	value   reflect.Value
	context bool // its first parameter is a context.Context
	raises  bool // its last result is an error
	results int
	args    []reflect.Value // set for each call: reflect copies them before it calls
}

func (f *goFunction) call(L *lua.LState) int {
	c := goCall{engine: f.engine}
	defer c.end()
	parameters := f.args
	if f.context {
		parameters[0].Set(reflect.ValueOf(c.context()))
		parameters = parameters[1:]
	}
	variadic := f.value.Type().IsVariadic()
	for i, p := range parameters {
		if !variadic || i < len(parameters)-1 {
			c.argument(L, i+1, p)
			continue
		}
		rest := max(L.GetTop()-i, 0)
		p.Set(reflect.MakeSlice(p.Type(), rest, rest))
		for n := range rest {
			c.argument(L, i+1+n, p.Index(n))
		}
	}
	var results []reflect.Value
	if variadic {
		results = f.value.CallSlice(f.args)
	} else {
		results = f.value.Call(f.args)
	}
	for _, a := range f.args {
		a.SetZero() // nothing is kept alive
	}
	if f.raises {
		last := len(results) - 1
		if err, ok := results[last].Interface().(error); ok {
			f.engine.raise(L, err)
		}
		results = results[:last]
	}
	for i, r := range results {
		f.engine.push(L, i+1, r)
	}
	return len(results)
}

// goCall is one call of a Go function by Lua.
type goCall struct {
	engine *Engine
	given  *runContext // what the function may call the engine with; nil: nothing
}

func (c *goCall) context() *runContext {
	if c.given == nil {
		if r := c.engine.run; r != nil {
			c.given = r.context()
		} else { // gopher-lua was called, not the engine
			c.given = (&run{ctx: context.Background()}).context()
		}
	}
	return c.given
}

// end waits until what other goroutines call with the context has returned;
// after it they are refused.
func (c *goCall) end() {
	if c.given != nil {
		c.given.Lock()
	}
}

// argument sets p to argument n, or raises.
func (c *goCall) argument(L *lua.LState, n int, p reflect.Value) {
	if !p.IsZero() {
		p.SetZero() // a call before this one has failed
	}
	if err := c.engine.into(p, L.Get(n), 0, c.callback); err != nil {
		c.refuse(L, n, err)
	}
}

// refuse raises that argument n is wrong.
func (c *goCall) refuse(L *lua.LState, n int, err *ConvertError) {
	what := err.What
	if rest, ok := strings.CutSuffix(what, "got nil"); ok && n > L.GetTop() {
		what = rest + "got no value"
	}
	if err.Path != "" {
		what = strings.TrimPrefix(err.Path, ".") + ": " + what
	}
	arg.Error(L, n, what)
}

// makeFunc sets out to a Go function that calls one in Lua.
type makeFunc func(out reflect.Value, f *lua.LFunction) *ConvertError

// callback is a makeFunc for functions that the Go function gets. What is neither
// a Func nor takes a context runs with that of this call.
func (c *goCall) callback(out reflect.Value, f *lua.LFunction) *ConvertError {
	t := out.Type()
	if reflect.TypeFor[Func]().ConvertibleTo(t) {
		out.Set(reflect.ValueOf(c.engine.goFunc(f)).Convert(t))
		return nil
	}
	last := t.NumOut() - 1
	if last < 0 || t.Out(last) != errorType {
		return cannot("a function as " + t.String() + ", whose last result is no error,")
	}
	var given context.Context = c.context()
	out.Set(reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value {
		results := make([]reflect.Value, last+1)
		for i := range results {
			results[i] = reflect.New(t.Out(i)).Elem()
		}
		ctx := given
		if len(args) > 0 && t.In(0) == contextType {
			ctx, _ = args[0].Interface().(context.Context)
			args = args[1:]
		}
		if t.IsVariadic() {
			rest := args[len(args)-1]
			args = args[:len(args)-1]
			for i := range rest.Len() {
				args = append(args, rest.Index(i))
			}
		}
		if err := c.engine.callInto(ctx, "function", f, args, results[:last]); err != nil {
			results[last].Set(reflect.ValueOf(err))
		}
		return results
	}))
	return nil
}

// callInto calls f, whose name in errors is path, and converts its results to the types
// of those given.
func (e *Engine) callInto(ctx context.Context, path string, f *lua.LFunction, args, results []reflect.Value) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	L := e.state
	top := L.GetTop()
	defer e.leave(top)
	L.Push(f)
	for i, a := range args {
		v, err := e.reflected(a)
		if err != nil {
			return err.in(fmt.Sprintf("argument %d of %s", i+1, path))
		}
		L.Push(v)
	}
	if err := e.protected(ctx, len(args), len(results)); err != nil {
		return err
	}
	c := goCall{engine: e} // of what the results may hold
	for i, r := range results {
		if err := e.into(r, L.Get(top+1+i), 0, c.callback); err != nil {
			return err.in(fmt.Sprintf("result %d of %s", i+1, path))
		}
	}
	return nil
}

// push pushes result n of a Go function, or raises.
func (e *Engine) push(L *lua.LState, n int, r reflect.Value) {
	if r.NumMethod() == 0 {
		switch {
		case r.CanInt():
			L.Push(lua.LNumber(r.Int()))
			return
		case r.CanFloat():
			L.Push(lua.LNumber(r.Float()))
			return
		case r.Kind() == reflect.String:
			L.Push(lua.LString(r.String()))
			return
		}
	}
	v, err := e.reflected(r)
	if err != nil {
		e.raise(L, err.in(fmt.Sprintf("result %d", n)))
	}
	L.Push(v)
}

// raised is a Go error that a Go function has raised in a script.
type raised struct {
	where string // "file:line: ", of the call
	err   error
}

func (r *raised) Error() string { return r.where + r.err.Error() }
func (r *raised) Unwrap() error { return r.err }

func (e *Engine) raise(L *lua.LState, err error) {
	glua.Raise(L, e.errorValue(&raised{arg.Where(L), err}))
}
