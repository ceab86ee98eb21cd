package luabind

import (
	"fmt"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
	"luaspawn/luabind/internal/vm"
)

// openPackage opens package, whose loaders look in the engine's file system.
func (e *Engine) openPackage() {
	L := e.state
	glua.SetNamed(L.G.Registry, "_LOADED", glua.NewTable(0, 16))
	pkg := glua.NewLibrary(L, lua.LoadLibName, map[string]lua.LGFunction{
		"loadlib": loadLib,
		"seeall":  seeAll,
	}, 6)
	glua.SetNamed(L.G.Registry, "_LOADING", loading) // gives it a name for snapshots
	loaders := glua.NewTable(4, 0)
	for i, f := range []lua.LGFunction{e.loadPreloaded, e.loadLua, e.loadC, e.loadAllInOne} {
		glua.SetItem(loaders, i+1, L.NewFunction(f))
	}
	for name, v := range map[string]lua.LValue{
		"config":  lua.LString(string(filepath.Separator) + "\n;\n?\n!\n-"),
		"cpath":   lua.LString(""),
		"loaded":  e.loaded(),
		"loaders": loaders,
		"path":    lua.LString(""),
		"preload": glua.NewTable(0, 0),
	} {
		glua.SetNamed(pkg, name, v)
	}
}

func (e *Engine) packageTable() *lua.LTable {
	return glua.Named(e.loaded(), "package").(*lua.LTable)
}

func (e *Engine) loaded() *lua.LTable { return glua.Loaded(e.state) }

// loading stands in package.loaded while a module is being loaded.
var loading = &lua.LUserData{Metatable: lua.LNil}

// require(name), after the reference manual, 5.3.
func (e *Engine) require(L *lua.LState) int {
	name := arg.String(L, 1)
	loaded := e.loaded()
	switch v := glua.Named(loaded, name); {
	case v == lua.LValue(loading):
		arg.Raise(L, "loop or previous error loading module '%s'", name)
	case lua.LVAsBool(v):
		L.Push(v)
		return 1
	}
	loader := e.findLoader(L, name)
	glua.SetNamed(loaded, name, loading)
	L.Push(loader)
	L.Push(lua.LString(name))
	glua.Call(L, 1, 1)
	result := L.Get(-1)
	if result != lua.LNil {
		glua.SetNamed(loaded, name, result)
	} else if glua.Named(loaded, name) == lua.LValue(loading) {
		glua.SetNamed(loaded, name, lua.LTrue)
	}
	L.Push(glua.Named(loaded, name))
	return 1
}

func (e *Engine) findLoader(L *lua.LState, name string) lua.LValue {
	loaders, ok := glua.Named(e.packageTable(), "loaders").(*lua.LTable)
	if !ok {
		arg.Raise(L, "'package.loaders' must be a table")
	}
	var tried strings.Builder
	for i := 1; ; i++ {
		loader := glua.Item(loaders, i)
		if loader == lua.LNil {
			arg.Raise(L, "module '%s' not found:%s", name, tried.String())
		}
		arg.Callable(L, loader)
		L.Push(loader)
		L.Push(lua.LString(name))
		glua.Call(L, 1, 1)
		v := L.Get(-1)
		L.Pop(1)
		switch v := v.(type) {
		case *lua.LFunction:
			return v
		case lua.LString:
			tried.WriteString(string(v))
		case lua.LNumber:
			tried.WriteString(numeral.Format(v))
		}
	}
}

func (e *Engine) loadPreloaded(L *lua.LState) int {
	name := arg.String(L, 1)
	preload, ok := glua.Named(e.packageTable(), "preload").(*lua.LTable)
	if !ok {
		arg.Raise(L, "'package.preload' must be a table")
	}
	v := vm.Field(L, preload, name)
	if v == lua.LNil {
		v = lua.LString(fmt.Sprintf("\n\tno field package.preload['%s']", name))
	}
	L.Push(v)
	return 1
}

// loadLua looks for the module among those that the program carries, along package.path, then
// among those that the Config has on demand.
func (e *Engine) loadLua(L *lua.LState) int {
	name := arg.String(L, 1)
	file, source, tried := e.carried(L, name)
	m, _ := e.onDemand(name)
	if file == "" && !m.BeforeFiles {
		carries := tried
		file, source, tried = e.search(L, name, "path")
		tried = carries + tried
	}
	if file == "" {
		if f := e.loadOnDemand(L, name); f != nil {
			L.Push(f)
			return 1
		}
		L.Push(lua.LString(tried))
		return 1
	}
	f, err := e.chunk(L, "@"+file, skipHash(source))
	if err != nil {
		notLoaded(L, name, file, err.Error())
	}
	L.Push(f)
	return 1
}

// carried is search in what the program carries.
func (e *Engine) carried(L *lua.LState, name string) (file, source, tried string) {
	if e.config.Carried == nil {
		return "", "", ""
	}
	file, source, err := e.config.Carried(name)
	if err != nil {
		arg.Raise(L, "error loading module '%s':\n\t%s", name, err)
	}
	return file, source, "\n\tno module '" + name + "' in this program"
}

// loadC looks for a library in C along package.cpath. There is no loading one.
func (e *Engine) loadC(L *lua.LState) int {
	name := arg.String(L, 1)
	file, _, tried := e.search(L, name, "cpath")
	if file != "" {
		notLoaded(L, name, file, noLibraries)
	}
	L.Push(lua.LString(tried))
	return 1
}

// loadAllInOne looks for a library in C that holds the whole package of a
// submodule.
func (e *Engine) loadAllInOne(L *lua.LState) int {
	name := arg.String(L, 1)
	root, _, sub := strings.Cut(name, ".")
	if !sub {
		return 0
	}
	file, _, tried := e.search(L, root, "cpath")
	if file != "" {
		notLoaded(L, name, file, noLibraries)
	}
	L.Push(lua.LString(tried))
	return 1
}

func notLoaded(L *lua.LState, name, file, why string) {
	arg.Raise(L, "error loading module '%s' from file '%s':\n\t%s", name, file, why)
}

// search looks for a module along a path of package. It returns the first file
// that can be read, or a list of those that were tried.
func (e *Engine) search(L *lua.LState, name, field string) (file, source, tried string) {
	path := glua.Named(e.packageTable(), field)
	if !lua.LVCanConvToString(path) {
		arg.Raise(L, "'package.%s' must be a string", field)
	}
	name = strings.ReplaceAll(name, ".", "/")
	var list strings.Builder
	for template := range strings.SplitSeq(path.String(), ";") {
		if template == "" {
			continue
		}
		file := strings.ReplaceAll(template, "?", name)
		source, err := e.readFile(file)
		if err == nil {
			return file, source, ""
		}
		arg.Look(L)
		fmt.Fprintf(&list, "\n\tno file '%s'", file)
	}
	return "", "", list.String()
}

// noLibraries is what a Lua without dynamic libraries says of them.
const noLibraries = "dynamic libraries not enabled; check your Lua installation"

// loadLib is package.loadlib(path, name).
func loadLib(L *lua.LState) int {
	arg.String(L, 1)
	arg.String(L, 2)
	L.Push(lua.LNil)
	L.Push(lua.LString(noLibraries))
	L.Push(lua.LString("absent"))
	return 3
}
