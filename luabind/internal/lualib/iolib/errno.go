package iolib

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
)

// fail returns what a function of Lua's libraries returns that has failed: nil,
// the error in C's words, and its number.
func fail(L *lua.LState, err error) int { return failOn(L, "", err) }

// failOn is fail with the name of what it failed on.
func failOn(L *lua.LState, name string, err error) int {
	text, number := describe(L, err)
	L.Push(lua.LNil)
	L.Push(lua.LString(name + text))
	L.Push(lua.LNumber(number))
	return 3
}

// describe words err as C's strerror does; number 0 has no name in C. That the
// context has ended is raised instead, since no script can go on.
func describe(L *lua.LState, err error) (text string, number int) {
	var ended *endedError
	if errors.As(err, &ended) {
		arg.Raise(L, "%s", ended.Error())
	}
	return Strerror(err)
}

// Strerror is describe for those who have no context.
func Strerror(err error) (text string, number int) {
	if errno := errnoOf(err); errno != 0 {
		return strerror(errno)
	}
	var path *fs.PathError
	if errors.As(err, &path) { // its text repeats the name
		err = path.Err
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		err = errno
	}
	return capital(err.Error()), 0
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// errnoOf finds the error of C that err stands for, also where a file system
// outside the operating system made it up; 0: there is none.
func errnoOf(err error) syscall.Errno {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		if _, number := strerror(errno); number != 0 {
			return errno
		}
	}
	for _, known := range [...]struct {
		err   error
		errno syscall.Errno
	}{
		{fs.ErrNotExist, syscall.ENOENT},
		{fs.ErrExist, syscall.EEXIST},
		{fs.ErrPermission, syscall.EACCES},
		{fs.ErrInvalid, syscall.EINVAL},
		{fs.ErrClosed, syscall.EBADF},
	} {
		if errors.Is(err, known.err) {
			return known.errno
		}
	}
	return 0
}

// endedError says that the context has ended while something blocked.
type endedError struct{ ctx context.Context }

func (e *endedError) Error() string { return e.ctx.Err().Error() }
func (e *endedError) Unwrap() error { return context.Cause(e.ctx) }
