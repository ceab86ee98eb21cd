package iolib

import (
	"os"

	lua "github.com/yuin/gopher-lua"
)

// What modules that work with files take from here.

// FileOf returns what is behind v, a file of the io library; ok: it is one. f is nil where
// that is none of the machine's.
func FileOf(v lua.LValue) (f *os.File, closed, ok bool) {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		return nil, false, false
	}
	s, ok := ud.Value.(*file)
	if !ok {
		return nil, false, false
	}
	for _, end := range []any{s.handle, s.reader, s.writer} {
		if f = fileOf(end); f != nil {
			break
		}
	}
	return f, s.closed, true
}

// Describe words an error of a file system as C's strerror does, and gives its number; 0:
// it has none. That the context has ended is raised instead, since no script can go on.
func Describe(L *lua.LState, err error) (text string, number int) { return describe(L, err) }

// CheckName returns the error of a name that no file can have.
func CheckName(name string) error { return checkName(name) }
