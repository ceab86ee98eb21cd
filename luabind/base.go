package luabind

import (
	"fmt"
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lua51"
	"luaspawn/luabind/internal/luaio"
	"luaspawn/luabind/internal/luastring"
)

// openLibraries opens Lua's own libraries and replaces what in gopher-lua's
// goes past the engine: past its file system, its writers, its compiler or its
// end.
func (e *Engine) openLibraries() {
	L := e.state
	for _, open := range []lua.LGFunction{
		lua.OpenPackage, // first: it makes package.loaded
		lua.OpenBase,
		lua.OpenTable,
		lua.OpenMath,
		lua.OpenDebug,
		lua.OpenCoroutine,
	} {
		L.SetTop(L.GetTop() - open(L)) // registered is enough
	}
	luaio.OpenIO(L, e.host)
	luaio.OpenOS(L, e.host)
	luastring.Open(L)
	globals := L.G.Global
	for _, name := range []string{"_printregs", "_GOPHER_LUA_VERSION"} { // not of Lua 5.1
		globals.RawSetString(name, lua.LNil)
	}
	L.SetFuncs(globals, map[string]lua.LGFunction{
		"print":      e.print,
		"tostring":   luastring.ToString,
		"tonumber":   luastring.ToNumber,
		"load":       e.load,
		"loadstring": e.loadString,
		"loadfile":   e.loadFile,
		"dofile":     e.doFile,
		"require":    e.require,
		"pcall":      e.unlessEnding(lua51.PCall),
		"xpcall":     e.unlessEnding(lua51.XPCall(e.ending)),
	})
	coroutine := globals.RawGetString("coroutine").(*lua.LTable)
	L.SetFuncs(coroutine, lua51.Coroutine)
	L.SetFuncs(coroutine, map[string]lua.LGFunction{
		"resume": e.unlessEnding(lua51.Resume),
	})
	L.SetFuncs(globals.RawGetString("os").(*lua.LTable), map[string]lua.LGFunction{"exit": e.osExit})
	L.SetFuncs(globals.RawGetString("math").(*lua.LTable), map[string]lua.LGFunction{
		"random":     e.mathRandom,
		"randomseed": e.mathRandomSeed,
	})
	e.openPackage()
}

// print writes one whole line with one write, so that those of several
// processes stay apart.
func (e *Engine) print(L *lua.LState) int {
	var line []byte
	for i := 1; i <= L.GetTop(); i++ {
		if i > 1 {
			line = append(line, '\t')
		}
		line = append(line, luastring.Printed(L, L.Get(i))...)
	}
	e.stdout.Write(append(line, '\n'))
	return 0
}

// load(func [, name]) compiles the pieces that func returns.
func (e *Engine) load(L *lua.LState) int {
	reader := L.CheckFunction(1)
	name := L.OptString(2, "=(load)")
	var source strings.Builder
	for {
		L.Push(reader)
		L.Call(0, 1)
		piece := L.Get(-1)
		L.Pop(1)
		if piece == lua.LNil {
			break
		}
		if !lua.LVCanConvToString(piece) {
			return failed(L, "reader function must return a string")
		}
		if piece.String() == "" {
			break
		}
		source.WriteString(piece.String())
	}
	return e.pushChunk(L, displayName(name), source.String())
}

// loadstring(source [, name])
func (e *Engine) loadString(L *lua.LState) int {
	source := L.CheckString(1)
	return e.pushChunk(L, displayName(L.OptString(2, source)), source)
}

// loadfile([name]); without a name it reads standard input.
func (e *Engine) loadFile(L *lua.LState) int {
	name, source, err := e.sourceOf(L)
	if err != nil {
		return failed(L, err.Error())
	}
	return e.pushChunk(L, name, skipHash(source))
}

// dofile([name])
func (e *Engine) doFile(L *lua.LState) int {
	name, source, err := e.sourceOf(L)
	if err != nil {
		L.Error(lua.LString(err.Error()), 0)
	}
	f, err := e.Load(name, source)
	if err != nil {
		L.Error(lua.LString(err.Error()), 0)
	}
	L.SetTop(0)
	L.Push(f)
	L.Call(0, lua.MultRet)
	return L.GetTop()
}

// sourceOf reads the file that the first argument names, or standard input.
func (e *Engine) sourceOf(L *lua.LState) (name, source string, err error) {
	if L.Get(1) != lua.LNil {
		name = L.CheckString(1)
		source, err = e.readFile(name)
		return name, source, err
	}
	b, err := io.ReadAll(e.host.Input())
	if err != nil {
		return "", "", fmt.Errorf("cannot read stdin: %s", errnoText(err))
	}
	return "stdin", string(b), nil
}

func (e *Engine) pushChunk(L *lua.LState, name, source string) int {
	proto, err := e.chunks.Compile(name, source)
	if err != nil {
		return failed(L, err.Error())
	}
	L.Push(L.NewFunctionFromProto(proto))
	return 1
}

// failed returns nil and a message, as most of Lua's libraries do.
func failed(L *lua.LState, message string) int {
	L.Push(lua.LNil)
	L.Push(lua.LString(message))
	return 2
}

// displayName turns the name of a chunk into what stands in errors, as
// luaO_chunkid of Lua 5.1 does, which has 60 bytes for it.
func displayName(name string) string {
	const size = 60 - 1
	switch {
	case name == "":
		return `[string ""]`
	case name[0] == '=':
		return name[1:min(len(name), size+1)]
	case name[0] == '@':
		if name = name[1:]; len(name) > size-len("...") {
			name = "..." + name[len(name)-(size-len("...")):]
		}
		return name
	}
	line, _, more := strings.Cut(name, "\n")
	if room := size - len(`[string "..."]`); len(line) > room {
		line, more = line[:room], true
	}
	if more {
		line += "..."
	}
	return `[string "` + line + `"]`
}
