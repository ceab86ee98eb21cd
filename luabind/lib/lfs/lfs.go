// Package lfs is the Lua module "lfs": LuaFileSystem's API over Config.Fs, with its
// results and error texts.
//
// stub.lua says what scripts see. What touches a file touches one of Config.Fs; its zero has
// none. chdir is the script's alone, with the processes that it starts from then on; see
// luabind's Host.Chdir.
//
// # Where it differs from LuaFileSystem
//
// A file system that isn't the machine's may not know devices, inodes, owners and the time of the
// last access: these are 0 there, nlink 1, and the times those of the last change. What it can't do (links in
// most of them) is nil, "Operation not supported". dir gives "." and ".." first. Where there are no symbolic links
// lock_dir makes an empty file of the same name. The name of the global variable, lfs, is set where no other
// value has it.
package lfs

import (
	_ "embed"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/iolib"
)

// Module is what require "lfs" returns.
var Module = luabind.Module{Name: "lfs", Open: open, OnDemand: true, Manual: manual}

//go:embed stub.lua
var manual string

// library is the module in one engine.
type library struct {
	host              *luabind.Host
	directory, lockOf *lua.LTable // metatables
}

// Names of the metatables in the registry, and of the stub's classes.
const (
	directoryName = "lfs.Directory"
	lockName      = "lfs.Lock"
)

func open(h *luabind.Host) (lua.LValue, error) {
	L := inside.State(h)
	lib := &library{host: h}
	t := glua.NewFunctions(L, map[string]lua.LGFunction{
		"attributes":        lib.attributes,
		"chdir":             lib.chdir,
		"currentdir":        lib.currentdir,
		"dir":               lib.dir,
		"link":              lib.link,
		"lock":              lib.lock,
		"lock_dir":          lib.lockDir,
		"mkdir":             lib.mkdir,
		"rmdir":             lib.rmdir,
		"setmode":           lib.setmode,
		"symlinkattributes": lib.symlinkattributes,
		"touch":             lib.touch,
		"unlock":            lib.unlock,
	}, 2)
	glua.SetNamed(t, "_VERSION", lua.LString("LuaFileSystem 1.8.0"))
	glua.SetNamed(t, "_DESCRIPTION", lua.LString("LuaFileSystem is a Lua library developed to complement the set of functions "+
		"related to file systems offered by the standard Lua distribution"))
	lib.directory = metatable(L, directoryName, map[string]lua.LGFunction{"next": lib.next, "close": lib.close})
	lib.lockOf = metatable(L, lockName, map[string]lua.LGFunction{"free": lib.free})
	if glua.Named(L.G.Global, "lfs") == lua.LNil {
		glua.SetNamed(L.G.Global, "lfs", t)
	}
	return t, nil
}

func metatable(L *lua.LState, name string, methods map[string]lua.LGFunction) *lua.LTable {
	mt := glua.NewTable(0, 0)
	glua.SetNamed(mt, "__index", glua.NewFunctions(L, methods, 0))
	glua.SetNamed(L.G.Registry, name, mt)
	return mt
}

// name returns argument n, the name of a file, and what leads to it in fs.
func (lib *library) name(L *lua.LState, n int) (name, at string, err error) {
	name = arg.String(L, n)
	return name, lib.host.Path(name), iolib.CheckName(name)
}

func (lib *library) fs() afero.Fs { return lib.host.Fs() }

// fail returns nil, the text of err in C's words after info, and its number.
func fail(L *lua.LState, info string, err error) int {
	text, number := iolib.Describe(L, err)
	L.Push(lua.LNil)
	L.Push(lua.LString(info + text))
	L.Push(lua.LNumber(number))
	return 3
}

// result is what most functions return.
func result(L *lua.LState, err error) int {
	if err != nil {
		return fail(L, "", err)
	}
	L.Push(lua.LTrue)
	return 1
}
