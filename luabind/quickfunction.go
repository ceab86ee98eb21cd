package luabind

import (
	"fmt"
	"math"
	"reflect"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
)

// A call by reflection takes three times as long as one of an LGFunction. Those
// functions that have at most two parameters, each of them a bool, an int, a
// float64 or a string, and one such result, an error, both or nothing, are called
// without:
//
//	f --quickFunction, one, two--> a quick, which takes its arguments from the state
//	  --results-->                 LGFunction

// basic are the types of parameters and results.
type basic interface {
	bool | int | float64 | string
}

// quickFunction returns nil for functions of other types.
func (e *Engine) quickFunction(f any) lua.LGFunction {
	switch f := f.(type) {
	case lua.LGFunction:
		return f
	case func(*lua.LState) int:
		return f
	case Func:
		return e.dynamicFunction(f)
	}
	for _, as := range []func(f any) any{
		none,
		one[bool], one[int], one[float64], one[string],
		two[bool, bool], two[bool, int], two[bool, float64], two[bool, string],
		two[int, bool], two[int, int], two[int, float64], two[int, string],
		two[float64, bool], two[float64, int], two[float64, float64], two[float64, string],
		two[string, bool], two[string, int], two[string, float64], two[string, string],
	} {
		if q := as(f); q != nil {
			return e.results(q)
		}
	}
	return nil
}

type (
	quick                 func(*lua.LState)
	quickError            func(*lua.LState) error
	quickResult[R basic]  func(*lua.LState) R
	quickOrError[R basic] func(*lua.LState) (R, error)
)

func none(f any) any {
	switch f := f.(type) {
	case func():
		return quick(func(*lua.LState) { f() })
	case func() error:
		return quickError(func(*lua.LState) error { return f() })
	case func() bool:
		return quickResult[bool](func(*lua.LState) bool { return f() })
	case func() int:
		return quickResult[int](func(*lua.LState) int { return f() })
	case func() float64:
		return quickResult[float64](func(*lua.LState) float64 { return f() })
	case func() string:
		return quickResult[string](func(*lua.LState) string { return f() })
	case func() (bool, error):
		return quickOrError[bool](func(*lua.LState) (bool, error) { return f() })
	case func() (int, error):
		return quickOrError[int](func(*lua.LState) (int, error) { return f() })
	case func() (float64, error):
		return quickOrError[float64](func(*lua.LState) (float64, error) { return f() })
	case func() (string, error):
		return quickOrError[string](func(*lua.LState) (string, error) { return f() })
	}
	return nil
}

func one[A basic](f any) any {
	switch f := f.(type) {
	case func(A):
		return quick(func(L *lua.LState) { f(basicArgument[A](L, 1)) })
	case func(A) error:
		return quickError(func(L *lua.LState) error { return f(basicArgument[A](L, 1)) })
	case func(A) bool:
		return quickResult[bool](func(L *lua.LState) bool { return f(basicArgument[A](L, 1)) })
	case func(A) int:
		return quickResult[int](func(L *lua.LState) int { return f(basicArgument[A](L, 1)) })
	case func(A) float64:
		return quickResult[float64](func(L *lua.LState) float64 { return f(basicArgument[A](L, 1)) })
	case func(A) string:
		return quickResult[string](func(L *lua.LState) string { return f(basicArgument[A](L, 1)) })
	case func(A) (bool, error):
		return quickOrError[bool](func(L *lua.LState) (bool, error) { return f(basicArgument[A](L, 1)) })
	case func(A) (int, error):
		return quickOrError[int](func(L *lua.LState) (int, error) { return f(basicArgument[A](L, 1)) })
	case func(A) (float64, error):
		return quickOrError[float64](func(L *lua.LState) (float64, error) { return f(basicArgument[A](L, 1)) })
	case func(A) (string, error):
		return quickOrError[string](func(L *lua.LState) (string, error) { return f(basicArgument[A](L, 1)) })
	}
	return nil
}

func two[A, B basic](f any) any {
	switch f := f.(type) {
	case func(A, B):
		return quick(func(L *lua.LState) { f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	case func(A, B) error:
		return quickError(func(L *lua.LState) error { return f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	case func(A, B) bool:
		return quickResult[bool](func(L *lua.LState) bool { return f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	case func(A, B) int:
		return quickResult[int](func(L *lua.LState) int { return f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	case func(A, B) float64:
		return quickResult[float64](func(L *lua.LState) float64 { return f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	case func(A, B) string:
		return quickResult[string](func(L *lua.LState) string { return f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	case func(A, B) (bool, error):
		return quickOrError[bool](func(L *lua.LState) (bool, error) { return f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	case func(A, B) (int, error):
		return quickOrError[int](func(L *lua.LState) (int, error) { return f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	case func(A, B) (float64, error):
		return quickOrError[float64](func(L *lua.LState) (float64, error) { return f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	case func(A, B) (string, error):
		return quickOrError[string](func(L *lua.LState) (string, error) { return f(basicArgument[A](L, 1), basicArgument[B](L, 2)) })
	}
	return nil
}

// results makes a Lua function of a quick.
func (e *Engine) results(q any) lua.LGFunction {
	switch q := q.(type) {
	case quick:
		return func(L *lua.LState) int {
			q(L)
			return 0
		}
	case quickError:
		return func(L *lua.LState) int {
			if err := q(L); err != nil {
				e.raise(L, err)
			}
			return 0
		}
	case quickResult[bool]:
		return withResult(q)
	case quickResult[int]:
		return withResult(q)
	case quickResult[float64]:
		return withResult(q)
	case quickResult[string]:
		return withResult(q)
	case quickOrError[bool]:
		return orError(e, q)
	case quickOrError[int]:
		return orError(e, q)
	case quickOrError[float64]:
		return orError(e, q)
	case quickOrError[string]:
		return orError(e, q)
	}
	return nil
}

func withResult[R basic](q quickResult[R]) lua.LGFunction {
	return func(L *lua.LState) int {
		pushBasic(L, q(L))
		return 1
	}
}

func orError[R basic](e *Engine, q quickOrError[R]) lua.LGFunction {
	return func(L *lua.LState) int {
		r, err := q(L)
		if err != nil {
			e.raise(L, err)
		}
		pushBasic(L, r)
		return 1
	}
}

// basicArgument returns argument n, or raises.
func basicArgument[A basic](L *lua.LState, n int) (a A) {
	switch p := any(&a).(type) {
	case *bool:
		*p = lua.LVAsBool(L.Get(n))
	case *int:
		f := arg.Number(L, n)
		if *p = int(f); float64(*p) != f || math.Abs(f) >= math.MaxInt {
			arg.Error(L, n, notA(f, reflect.ValueOf(a)).What)
		}
	case *float64:
		*p = arg.Number(L, n)
	case *string:
		*p = arg.String(L, n)
	}
	return a
}

func pushBasic[R basic](L *lua.LState, r R) {
	switch r := any(r).(type) {
	case bool:
		L.Push(lua.LBool(r))
	case int:
		L.Push(lua.LNumber(r))
	case float64:
		L.Push(lua.LNumber(r))
	case string:
		L.Push(lua.LString(r))
	}
}

// dynamicFunction is for a Go function of any arguments.
func (e *Engine) dynamicFunction(f Func) lua.LGFunction {
	return func(L *lua.LState) int {
		c := goCall{engine: e}
		defer c.end()
		args := make([]any, L.GetTop())
		for i := range args {
			x, err := e.toGo(L.Get(i + 1))
			if err != nil {
				c.refuse(L, i+1, err)
			}
			args[i] = x
		}
		results, err := f(c.context(), args...)
		if err != nil {
			e.raise(L, err)
		}
		for i, r := range results {
			v, err := e.toLua(r)
			if err != nil {
				e.raise(L, err.in(fmt.Sprintf("result %d", i+1)))
			}
			L.Push(v)
		}
		return len(results)
	}
}
