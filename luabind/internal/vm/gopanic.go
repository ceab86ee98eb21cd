package vm

import (
	"fmt"
	"runtime"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// A GoPanic is the Cause of an error that was a panic of a Go function. In Lua it is
// a text like any other error.
type GoPanic struct {
	Value    any
	Function string   // the one that Lua has called, or the innermost where that isn't known
	Calls    []string // those in Go that led to the panic, the innermost first
}

func (p *GoPanic) Error() string {
	return fmt.Sprintf("panic in Go function %s: %v", p.Function, p.Value)
}

// Unwrap returns the value, where it is an error.
func (p *GoPanic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// panicked describes the panic that the function which defers the caller is about
// to recover from, or has. The calls that led to it still stand on Go's stack:
//
//	panicked, asError ...  runtime.gopanic ...  the calls  RunGo  the interpreter
func panicked(value any) *GoPanic {
	const most = 64
	pcs := make([]uintptr, 2*most)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	p := &GoPanic{Value: value, Function: "?"}
	inside, bound := false, ""
	for {
		f, more := frames.Next()
		switch {
		case strings.HasPrefix(f.Function, "runtime."): // gopanic, or what raises a runtime error
			inside = true
		case !inside:
		case callsGo(f.Function):
			more = false
		default:
			if len(p.Calls) < most {
				p.Calls = append(p.Calls, fmt.Sprintf("%s (%s:%d)", f.Function, f.File, f.Line))
			}
			if p.Function == "?" {
				p.Function = f.Function
			}
			if !binds(f.Function) {
				bound = f.Function
			}
		}
		if !more {
			break
		}
	}
	if bound != "" {
		p.Function = bound
	}
	return p
}

// callsGo says whether a function of that name is where the interpreter calls one in
// Go, or where a protected call begins.
func callsGo(name string) bool {
	switch name {
	case "luaspawn/luabind/internal/glua.(*State).RunGo", "luaspawn/luabind/internal/glua.(*State).RunGoFromGo",
		"luaspawn/luabind/internal/vm.protect", "luaspawn/luabind/internal/vm.loop":
		return true
	}
	return false
}

// binds says whether a function of that name stands between Lua and a function that a
// program has bound.
func binds(name string) bool {
	return strings.HasPrefix(name, "luaspawn/luabind.") || strings.HasPrefix(name, "reflect.")
}

// namePanics, deferred, lets a panic go on as an *lua.ApiError, and keeps its cause for who
// resumes L: gopher-lua hands on no more than the value.
func namePanics(L *lua.LState) {
	if r := recover(); r != nil {
		err := asError(L, r)
		glua.Inside(L).Frames().Cause = err.Cause
		panic(err)
	}
}
