// Package strlib is Lua 5.1's string library for gopher-lua, with tostring
// and tonumber but without dump, which is the engine's: numbers become text as
// C's "%.14g" writes them, strings are bytes, patterns and formats behave as the
// reference manual and PUC Lua 5.1.5 on Linux x86-64 have it, messages included.
//
// Where PUC Lua takes a string for one of C it ends at its first zero byte:
// patterns, numbers in strings, "%s" of less than 100 bytes. So it does here.
//
// What differs on purpose:
//
//   - A string of more than 1 GiB is refused with "resulting string too large".
//   - A pattern nests no calls, so there is no depth at which the stack gives
//     out; one of more than 262,144 items is refused with "pattern too complex".
//   - A match looks at the context of the state while it runs.
package strlib

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// maxString is the most bytes that a function here builds into one string.
const maxString = 1 << 30

// library is what the functions of one state share. A state is used by one
// goroutine at a time.
type library struct {
	programs programs
	matcher  matcher  // none runs inside another: what gsub calls, it calls between two matches
	scratch  []byte   // of format
	singles  *singles // nil until needed
}

// Open opens the library in L: as the global "string", for require, and as what
// strings are indexed with. It returns the table.
func Open(L *lua.LState) *lua.LTable {
	lib := &library{}
	t := glua.NewLibrary(L, lua.StringLibName, map[string]lua.LGFunction{
		"byte":    lib.byteAt,
		"char":    char,
		"find":    lib.find,
		"format":  lib.format,
		"gmatch":  lib.gmatch,
		"gsub":    lib.gsub,
		"len":     length,
		"lower":   lower,
		"match":   lib.match,
		"rep":     rep,
		"reverse": reverse,
		"sub":     lib.sub,
		"upper":   upper,
	}, 2)
	glua.SetNatives(t, []glua.NamedNative{
		{Name: "byte", Do: nativeByte},
		{Name: "char", Do: lib.nativeChar},
		{Name: "find", Do: nativeFind},
		{Name: "len", Do: nativeLen},
		{Name: "sub", Do: lib.nativeSub},
	})
	glua.SetNamed(t, "gfind", glua.Named(t, "gmatch"))
	metatable := glua.NewTable(0, 1)
	glua.SetNamed(metatable, "__index", t)
	glua.SetMetatable(L, lua.LString(""), metatable)
	return t
}
