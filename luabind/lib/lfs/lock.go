package lfs

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/iolib"
)

// errNotSupported is the error of what a file system, or the system, can't do.
var errNotSupported = errors.New("Operation not supported") //lint:ignore ST1005 a script sees it, as C writes it

// checkFile returns what is behind argument 1, an open file; nil: it is none of the machine's.
// function is named in the error.
func checkFile(L *lua.LState, function string) *os.File {
	f, closed, ok := iolib.FileOf(L.Get(1))
	if !ok {
		arg.TypeError(L, 1, "FILE*")
	}
	if closed {
		arg.Raise(L, "%s: closed file", function)
	}
	return f
}

// lock is lfs.lock(file, mode [, start [, length]]).
func (lib *library) lock(L *lua.LState) int {
	f, mode := checkFile(L, "lock"), arg.String(L, 2)
	start, length := arg.OptInt(L, 3, 0), arg.OptInt(L, 4, 0)
	if mode == "" || !strings.Contains("rwu", mode[:1]) {
		arg.Raise(L, "lock: invalid mode")
	}
	return locked(L, f, rune(mode[0]), start, length)
}

// unlock is lfs.unlock(file [, start [, length]]).
func (lib *library) unlock(L *lua.LState) int {
	f := checkFile(L, "unlock")
	return locked(L, f, 'u', arg.OptInt(L, 2, 0), arg.OptInt(L, 3, 0))
}

func locked(L *lua.LState, f *os.File, mode rune, start, length int64) int {
	err := errNotSupported
	if f != nil {
		err = lockFile(f, mode, start, length)
	}
	if err != nil {
		text, _ := iolib.Describe(L, err)
		L.Push(lua.LNil)
		L.Push(lua.LString(text))
		return 2
	}
	L.Push(lua.LTrue)
	return 1
}

// setmode is lfs.setmode(file, mode): where Config.TextMode isn't set, all files are binary.
func (lib *library) setmode(L *lua.LState) int {
	checkFile(L, "setmode")
	mode := arg.String(L, 2)
	if mode != "binary" && mode != "text" {
		arg.Error(L, 2, "invalid option '"+mode+"'")
	}
	before := "binary"
	if lib.host.Config().TextMode && lib.host.SetText(L.Get(1), mode == "text") {
		before = "text"
	}
	L.Push(lua.LTrue)
	L.Push(lua.LString(before))
	return 2
}

// A dirLock is a file in a directory that exists as long as it is locked.
type dirLock struct{ name string } // ""; it is free

// Pack refuses.
func (*dirLock) Pack() (luabind.Parcel, error) {
	return luabind.Parcel{}, errors.New("a lock of its own process")
}

// lockDir is lfs.lock_dir(path).
func (lib *library) lockDir(L *lua.LState) int {
	_, at, err := lib.name(L, 1)
	name := at + "/lockfile.lfs"
	if err == nil {
		err = lib.symlink("lock", name)
	}
	if _, ok := lib.fs().(afero.FromIOFS); ok { // its OpenFile only reads
		err = fs.ErrPermission
	}
	if err == errNotSupported {
		f, err2 := lib.fs().OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err = err2; err == nil {
			err = f.Close()
		}
	}
	if err != nil {
		text, _ := iolib.Describe(L, err)
		L.Push(lua.LNil)
		L.Push(lua.LString(text))
		return 2
	}
	L.Push(&lua.LUserData{Value: &dirLock{name}, Env: L.G.Global, Metatable: lib.lockOf})
	return 1
}

// free is lock:free().
func (lib *library) free(L *lua.LState) int {
	l, ok := arg.Value(L, 1).(*dirLock)
	if !ok {
		arg.TypeError(L, 1, "lock metatable")
	}
	if l.name != "" {
		lib.fs().Remove(l.name)
		l.name = ""
	}
	return 0
}
