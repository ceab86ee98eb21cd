package vm

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Of a deep stack a traceback shows the innermost and the outermost calls, as
// many as Lua 5.1 does.
const innermost, outermost = 12, 10

// Traceback lists the calls that are under way in L from a level on, 0 being the
// innermost. Before them stand the tail calls that each has taken the place of.
func Traceback(L *lua.LState, level int) string { return list(calls(L), level) }

// uncaught is the traceback of an error that ends a script. The program lua has
// two calls of its own before it. Those of Go that led to a panic come first.
func uncaught(L *lua.LState, cause error) string {
	const own = 2
	text := list(append(make([]string, own), calls(L)...), own)
	if p, ok := cause.(*GoPanic); ok {
		text = header + "\n\t[Go]: " + strings.Join(p.Calls, "\n\t[Go]: ") + strings.TrimPrefix(text, header)
	}
	return text
}

const header = "stack traceback:"

// calls describes the calls under way, the innermost first.
func calls(L *lua.LState) []string {
	var lines []string
	lost := 0
	for level := range glua.Levels(L) {
		switch f := level.Frame; {
		case level.Lost:
			if lost++; lost <= innermost+outermost { // more would be left out
				lines = append(lines, "(tail call): ?")
			}
			continue
		case f == nil || f.Where() == "":
			lines = append(lines, "[C]: "+nameOf(f))
		default:
			lines = append(lines, f.Where()+nameOf(f))
		}
		lost = 0
	}
	return lines
}

func list(lines []string, level int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := max(level, 0); i < len(lines); i++ {
		if i == max(innermost, level) && i+1+outermost < len(lines) {
			b.WriteString("\n\t...")
			i = len(lines) - outermost
		}
		b.WriteString("\n\t" + lines[i])
	}
	return b.String()
}

// nameOf names the function of f as it was called.
func nameOf(f *glua.Frame) string {
	if f == nil { // the program
		return "?"
	}
	if kind, name := f.CalledAs(); kind != "" {
		return "in function '" + name + "'"
	}
	switch p := f.Fn.Proto; {
	case f.Fn.IsG:
		return "?"
	case p.LineDefined == 0:
		return "in main chunk"
	default:
		return fmt.Sprintf("in function <%s:%d>", p.SourceName, p.LineDefined)
	}
}
