package iolib

import (
	"io"

	lua "github.com/yuin/gopher-lua"
)

// What modules that work with files take from here.

// FileOf returns what is behind v, a file of the io library; ok: it is one. The handle
// of a file in the machine's file system is an *os.File; of a standard file it is nil.
func FileOf(v lua.LValue) (handle io.Closer, closed, ok bool) {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		return nil, false, false
	}
	f, ok := ud.Value.(*file)
	if !ok {
		return nil, false, false
	}
	handle = f.handle
	if handle == nil {
		handle, _ = f.reader.(io.Closer)
	}
	if handle == nil {
		handle, _ = f.writer.(io.Closer)
	}
	return handle, f.closed, true
}

// Describe words an error of a file system as C's strerror does, and gives its number; 0:
// it has none. That the context has ended is raised instead, since no script can go on.
func Describe(L *lua.LState, err error) (text string, number int) { return describe(L, err) }

// CheckName returns the error of a name that no file can have.
func CheckName(name string) error { return checkName(name) }
