package luabind

import (
	"io"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/baselib"
	"luaspawn/luabind/internal/lualib/dblib"
	"luaspawn/luabind/internal/lualib/iolib"
	"luaspawn/luabind/internal/lualib/mathlib"
	"luaspawn/luabind/internal/lualib/strlib"
	"luaspawn/luabind/internal/lualib/tablib"
	"luaspawn/luabind/internal/vm"
)

// openLibraries opens Lua's own libraries and replaces what in gopher-lua's
// goes past the engine: past its file system, its writers, its compiler or its
// end.
func (e *Engine) openLibraries() {
	L := e.state
	e.openPackage()
	baselib.Open(L)
	glua.SetFuncs(L, dblib.Open(L, e.chunks.Name), map[string]lua.LGFunction{"debug": e.unlessEnding(e.debugDebug)})
	tablib.Open(L)
	mathlib.Open(L)
	iolib.OpenIO(L, e.io)
	iolib.OpenOS(L, e.io)
	glua.SetFuncs(L, strlib.Open(L), map[string]lua.LGFunction{"dump": e.dump})
	globals := L.G.Global
	glua.SetFuncs(L, globals, map[string]lua.LGFunction{
		"print":      e.print,
		"tostring":   strlib.ToString,
		"tonumber":   strlib.ToNumber,
		"load":       e.unlessEnding(e.load),
		"loadstring": e.loadString,
		"loadfile":   e.loadFile,
		"dofile":     e.doFile,
		"module":     module,
		"require":    e.require,
		"pcall":      e.unlessEnding(vm.PCall),
		"xpcall":     e.unlessEnding(vm.XPCall(e.ending)),
	})
	coroutine := glua.NewLibrary(L, lua.CoroutineLibName, vm.Coroutine, 1)
	glua.SetFuncs(L, coroutine, map[string]lua.LGFunction{
		"resume": e.unlessEnding(vm.Resume),
	})
	glua.SetFuncs(L, glua.Named(globals, "os").(*lua.LTable), map[string]lua.LGFunction{"exit": e.osExit})
}

// print writes one whole line with one write, so that those of several
// processes stay apart.
func (e *Engine) print(L *lua.LState) int {
	var line []byte
	for i := 1; i <= L.GetTop(); i++ {
		if i > 1 {
			line = append(line, '\t')
		}
		line = append(line, strlib.Printed(L, L.Get(i))...)
	}
	e.io.Print(append(line, '\n'))
	return 0
}

// debugDebug is debug.debug(): it runs lines of standard input until one says
// "cont".
func (e *Engine) debugDebug(L *lua.LState) int {
	for {
		e.asHost.WriteError("lua_debug> ")
		line := e.readLine()
		if line == "cont\n" || line == "" {
			return 0
		}
		f, err := e.chunk(L, "=(debug command)", line)
		if err == nil {
			L.Push(f)
			err = vm.Call(L, 0, 0)
		}
		if err != nil {
			e.asHost.WriteError(messageOf(L, errorValue(err)) + "\n")
		}
		L.SetTop(0)
	}
}

// readLine reads a line of standard input, not more, with its end. It is empty at
// the end of the input.
func (e *Engine) readLine() string {
	const longest = 1 << 16
	var line []byte
	for b := []byte{0}; len(line) < longest && b[0] != '\n'; {
		if _, err := io.ReadFull(e.io.Input(), b); err != nil {
			break
		}
		line = append(line, b[0])
	}
	return string(line)
}
