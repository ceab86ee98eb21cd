package socket

import (
	"errors"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
)

// Errors of LuaSocket's own; a script sees their texts.
var (
	errTimeout = errors.New("timeout")
	errClosed  = errors.New("closed")
	errMemory  = errors.New("out of memory")
)

// text words an error as LuaSocket does: some of the system's have names of
// their own, the others those of C's strerror.
func text(err error) string {
	errno, ok := err.(syscall.Errno)
	if !ok {
		return err.Error()
	}
	if name := errorName(errno); name != "" {
		return name
	}
	s := errno.Error()
	if s == "" {
		return "unknown error"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// fail pushes nil and the text of err, the results of what has failed. That the
// context has ended is raised instead, since no script can go on.
func (lib *library) fail(L *lua.LState, err error) int {
	if ended := lib.engine.Context().Err(); ended != nil {
		arg.Raise(L, "%s", ended)
	}
	L.Push(lua.LNil)
	L.Push(lua.LString(text(err)))
	return 2
}

// succeed pushes 1, the result of what has nothing else to say.
func succeed(L *lua.LState) int {
	L.Push(lua.LNumber(1))
	return 1
}
