package luabind

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// openPackage puts the engine's own loaders into package, over its file system.
func (e *Engine) openPackage() {
	L := e.state
	pkg := L.G.Global.RawGetString("package").(*lua.LTable)
	e.loaded().RawSetString("package", pkg) // gopher-lua opens it before there is a loaded
	pkg.RawSetString("path", lua.LString(""))
	pkg.RawSetString("cpath", lua.LString(""))
	L.G.Registry.RawSetString("_LOADING", loading) // gives it a name for snapshots
	loaders := pkg.RawGetString("loaders").(*lua.LTable)
	for i, f := range []lua.LGFunction{e.loadPreloaded, e.loadLua} {
		loaders.RawSetInt(i+1, L.NewFunction(f))
	}
}

func (e *Engine) packageTable() *lua.LTable {
	return e.loaded().RawGetString("package").(*lua.LTable)
}

func (e *Engine) loaded() *lua.LTable {
	return e.state.G.Registry.RawGetString("_LOADED").(*lua.LTable)
}

// loading stands in package.loaded while a module is being loaded.
var loading = &lua.LUserData{Metatable: lua.LNil}

// require(name), after the reference manual, 5.3.
func (e *Engine) require(L *lua.LState) int {
	name := L.CheckString(1)
	loaded := e.loaded()
	switch v := loaded.RawGetString(name); {
	case v == lua.LValue(loading):
		L.RaiseError("loop or previous error loading module '%s'", name)
	case lua.LVAsBool(v):
		L.Push(v)
		return 1
	}
	loader := e.findLoader(L, name)
	loaded.RawSetString(name, loading)
	L.Push(loader)
	L.Push(lua.LString(name))
	L.Call(1, 1)
	result := L.Get(-1)
	if result != lua.LNil {
		loaded.RawSetString(name, result)
	} else if loaded.RawGetString(name) == lua.LValue(loading) {
		loaded.RawSetString(name, lua.LTrue)
	}
	L.Push(loaded.RawGetString(name))
	return 1
}

func (e *Engine) findLoader(L *lua.LState, name string) lua.LValue {
	loaders, ok := e.packageTable().RawGetString("loaders").(*lua.LTable)
	if !ok {
		L.RaiseError("'package.loaders' must be a table")
	}
	var tried strings.Builder
	for i := 1; ; i++ {
		loader := loaders.RawGetInt(i)
		if loader == lua.LNil {
			L.RaiseError("module '%s' not found:%s", name, tried.String())
		}
		L.Push(loader)
		L.Push(lua.LString(name))
		L.Call(1, 1)
		v := L.Get(-1)
		L.Pop(1)
		switch v := v.(type) {
		case *lua.LFunction:
			return v
		case lua.LString:
			tried.WriteString(string(v))
		}
	}
}

func (e *Engine) loadPreloaded(L *lua.LState) int {
	name := L.CheckString(1)
	preload, ok := e.packageTable().RawGetString("preload").(*lua.LTable)
	if !ok {
		L.RaiseError("'package.preload' must be a table")
	}
	v := L.GetField(preload, name)
	if v == lua.LNil {
		v = lua.LString(fmt.Sprintf("\n\tno field package.preload['%s']", name))
	}
	L.Push(v)
	return 1
}

// loadLua looks for the module along package.path.
func (e *Engine) loadLua(L *lua.LState) int {
	name := L.CheckString(1)
	path, ok := e.packageTable().RawGetString("path").(lua.LString)
	if !ok {
		L.RaiseError("'package.path' must be a string")
	}
	var tried strings.Builder
	for template := range strings.SplitSeq(string(path), ";") {
		if template == "" {
			continue
		}
		file := strings.ReplaceAll(template, "?", strings.ReplaceAll(name, ".", "/"))
		source, err := e.readFile(file)
		if err != nil {
			fmt.Fprintf(&tried, "\n\tno file '%s'", file)
			continue
		}
		f, err := e.Load(file, source)
		if err != nil {
			L.RaiseError("error loading module '%s' from file '%s':\n\t%s", name, file, err.Error())
		}
		L.Push(f)
		return 1
	}
	L.Push(lua.LString(tried.String()))
	return 1
}
