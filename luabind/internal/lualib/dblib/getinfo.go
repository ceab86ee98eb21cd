package dblib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// informer gives the name under which a chunk was loaded.
type informer func(*lua.FunctionProto) string

// getinfo is debug.getinfo([thread,] function or level [, what]).
func (chunk informer) getinfo(L *lua.LState) int {
	th, before := thread(L)
	what := "flnSu"
	if L.Get(before+2) != lua.LNil {
		what = arg.String(L, before+2)
	}
	var level glua.Level
	var f *lua.LFunction
	if n, ok := arg.ToNumber(L.Get(before + 1)); ok {
		if level, ok = glua.LevelAt(th, int(int32(arg.ToInt(n)))); !ok {
			L.Push(lua.LNil)
			return 1
		}
		if level.Frame != nil {
			f = level.Fn
		}
	} else if f, ok = L.Get(before + 1).(*lua.LFunction); !ok {
		arg.Error(L, before+1, "function or level expected")
	}
	if strings.Trim(what, "SlnufL") != "" {
		arg.Error(L, before+2, "invalid option")
	}
	t := glua.NewTable(0, 3*len(what))
	set := func(field string, v lua.LValue) { glua.SetNamed(t, field, v) }
	for _, option := range []byte("SlunLf") {
		if strings.IndexByte(what, option) < 0 {
			continue
		}
		switch option {
		case 'S':
			chunk.source(level, f, set)
		case 'l':
			set("currentline", lua.LNumber(currentLine(level.Frame)))
		case 'u':
			n := 0
			switch {
			case f == nil:
			case f.IsG:
				n = len(f.Upvalues)
			default:
				n = len(glua.Upvalues(f))
			}
			set("nups", lua.LNumber(n))
		case 'n':
			kind, name := "", ""
			if level.Frame != nil {
				kind, name = level.CalledAs()
			}
			set("namewhat", lua.LString(kind))
			if kind != "" {
				set("name", lua.LString(name))
			} else if level.Lost {
				set("name", lua.LString(""))
			}
		case 'L':
			if f != nil && !f.IsG {
				set("activelines", activeLines(f.Proto))
			}
		case 'f':
			if f != nil {
				set("func", f)
			}
		}
	}
	L.Push(t)
	return 1
}

// source sets the fields that say where f is from; nil is a call that was lost,
// or the program.
func (chunk informer) source(level glua.Level, f *lua.LFunction, set func(string, lua.LValue)) {
	source, short, what, first, last := "=[C]", "[C]", "C", -1, -1
	switch {
	case level.Lost:
		source, short, what = "=(tail call)", "(tail call)", "tail"
	case f != nil && !f.IsG:
		p := f.Proto
		source, short, what = chunk(p), p.SourceName, "Lua"
		if first, last = p.LineDefined, p.LastLineDefined; first == 0 {
			what, last = "main", 0
		}
	}
	set("source", lua.LString(source))
	set("short_src", lua.LString(short))
	set("what", lua.LString(what))
	set("linedefined", lua.LNumber(first))
	set("lastlinedefined", lua.LNumber(last))
}

func currentLine(f *glua.Frame) int {
	if f == nil || f.Fn.IsG || f.Pc == 0 {
		return -1
	}
	return f.Fn.Proto.DbgSourcePositions[f.Pc-1]
}

// activeLines is a table of the lines that have code.
func activeLines(p *lua.FunctionProto) *lua.LTable {
	t := glua.NewTable(0, 0)
	for _, line := range p.DbgSourcePositions {
		glua.Set(t, lua.LNumber(line), lua.LTrue)
	}
	return t
}
