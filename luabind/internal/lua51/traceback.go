package lua51

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Of a deep stack a traceback shows the innermost and the outermost calls, as
// many as Lua 5.1 does.
const innermost, outermost = 12, 10

// traceback lists the calls that are under way in L, the innermost first.
// gopher-lua's own takes a line for each tail call that was ever made, which
// may be millions.
func traceback(L *lua.LState) string {
	var calls []*frame
	for f := inside(L).currentFrame; f != nil; f = f.Parent {
		calls = append(calls, f)
	}
	var b strings.Builder
	b.WriteString("stack traceback:")
	for i, f := range calls {
		if i == innermost && len(calls) > innermost+outermost {
			b.WriteString("\n\t...")
		}
		if i >= innermost && i < len(calls)-outermost {
			continue
		}
		place := f.where()
		if place == "" {
			place = "[G]: "
		}
		fmt.Fprintf(&b, "\n\t%sin %s", place, f.name(L))
		if f.TailCall > 0 && !f.Fn.IsG {
			b.WriteString("\n\t(tail call): ?")
		}
	}
	b.WriteString("\n\t[G]: ?")
	return b.String()
}

// name names the function of f as it was called.
func (f *frame) name(L *lua.LState) string {
	caller := f.Parent
	if caller == nil {
		if L.Parent != nil {
			return "coroutine"
		}
		return "main chunk"
	}
	if name := f.calledAs(); name != "" {
		return "function '" + name + "'"
	}
	if p := f.Fn.Proto; p != nil {
		return fmt.Sprintf("function <%s:%d>", p.SourceName, p.LineDefined)
	}
	return "function ?"
}

// calledAs returns the name under which its caller called the function of f;
// empty: none is known.
func (f *frame) calledAs() string {
	if f.Parent == nil || f.Parent.Fn.IsG || f.TailCall > 0 {
		return ""
	}
	for _, call := range f.Parent.Fn.Proto.DbgCalls {
		if call.Pc == f.Parent.Pc-1 && call.Name != "?" {
			return call.Name
		}
	}
	return ""
}
