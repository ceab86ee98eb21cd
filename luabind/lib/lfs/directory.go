package lfs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/iolib"
	"luaspawn/luabind/internal/scarce"
)

// chdir is lfs.chdir(path).
func (lib *library) chdir(L *lua.LState) int {
	name, _, err := lib.name(L, 1)
	if err == nil {
		err = lib.host.Chdir(name)
	}
	if err != nil {
		text, _ := iolib.Describe(L, err)
		L.Push(lua.LNil)
		L.Push(lua.LString(fmt.Sprintf("Unable to change working directory to '%s'\n%s\n", name, text)))
		return 2
	}
	L.Push(lua.LTrue)
	return 1
}

// currentdir is lfs.currentdir().
func (lib *library) currentdir(L *lua.LState) int {
	dir, err := lib.host.Getwd()
	if err != nil {
		return fail(L, "get_dir getcwd() failed: ", err)
	}
	L.Push(lua.LString(dir))
	return 1
}

// mkdir is lfs.mkdir(path).
func (lib *library) mkdir(L *lua.LState) int {
	_, at, err := lib.name(L, 1)
	if err == nil && !isSystem(lib.fs()) { // those in memory make what is missing above it
		parent := path.Dir(path.Clean(filepath.ToSlash(at)))
		if info, err2 := lib.fs().Stat(parent); err2 != nil && parent != "." {
			err = err2
		} else if err2 == nil && !info.IsDir() {
			err = syscall.ENOTDIR
		}
	}
	if err == nil {
		err = lib.fs().Mkdir(at, 0o775)
	}
	return result(L, err)
}

// rmdir is lfs.rmdir(path). Remove of a file system removes files as well.
func (lib *library) rmdir(L *lua.LState) int {
	_, at, err := lib.name(L, 1)
	if err != nil {
		return result(L, err)
	}
	info, err := lstat(lib.fs(), strings.TrimRight(at, "/"))
	switch {
	case err != nil:
	case !info.IsDir():
		err = syscall.ENOTDIR
	case last(at) == ".":
		err = syscall.EINVAL
	case last(at) == "..":
		err = syscall.ENOTEMPTY
	case isSystem(lib.fs()):
	case path.Clean("/"+filepath.ToSlash(at)) == "/":
		err = syscall.EBUSY
	default:
		if names, _ := afero.ReadDir(lib.fs(), at); len(names) > 0 {
			err = syscall.ENOTEMPTY
		}
	}
	if err == nil {
		err = lib.fs().Remove(at)
	}
	return result(L, err)
}

// last is the last element of a name as it stands.
func last(name string) string {
	name = strings.TrimRight(filepath.ToSlash(name), "/")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// isSystem says whether a file system itself does what the system does.
func isSystem(fs afero.Fs) bool {
	_, ok := fs.(*afero.OsFs)
	return ok
}

// lstat describes a file without following a symbolic link, if it can.
func lstat(fs afero.Fs, name string) (os.FileInfo, error) {
	if l, ok := fs.(afero.Lstater); ok {
		info, _, err := l.LstatIfPossible(name)
		return info, err
	}
	return fs.Stat(name)
}

// directory is what dir goes through. It is closed at its end, or when nobody has it
// any more.
type directory struct {
	file  afero.File // nil: it is closed
	names []string   // read ahead
}

// Pack refuses.
func (*directory) Pack() (luabind.Parcel, error) {
	return luabind.Parcel{}, errors.New("a directory that is read in its own process")
}

// readAhead is how many names are read at once.
const readAhead = 256

// dir is lfs.dir(path): an iterator and its state.
func (lib *library) dir(L *lua.LState) int {
	name, at, err := lib.name(L, 1)
	var f afero.File
	if err == nil {
		var info os.FileInfo
		if info, err = lib.fs().Stat(at); err == nil && !info.IsDir() { // to open a named pipe would wait
			err = syscall.ENOTDIR
		}
	}
	if err == nil {
		f, err = scarce.Retry(L, func() (afero.File, error) { return lib.fs().Open(at) })
	}
	if err != nil {
		text, _ := iolib.Describe(L, err)
		arg.Raise(L, "cannot open %s: %s", name, text)
	}
	L.Push(glua.Named(glua.Named(lib.directory, "__index").(*lua.LTable), "next"))
	L.Push(&lua.LUserData{Value: &directory{f, []string{".", ".."}}, Env: L.G.Global, Metatable: lib.directory})
	return 2
}

func checkDirectory(L *lua.LState) *directory {
	d, ok := arg.Value(L, 1).(*directory)
	if !ok {
		arg.TypeError(L, 1, "directory metatable")
	}
	return d
}

// next is d:next(), and the iterator of a loop.
func (lib *library) next(L *lua.LState) int {
	d := checkDirectory(L)
	if d.file == nil {
		arg.Error(L, 1, "closed directory")
	}
	arg.Look(L)
	if len(d.names) == 0 {
		names, err := d.file.Readdirnames(readAhead)
		if len(names) == 0 || err != nil && err != io.EOF {
			d.file.Close()
			d.file = nil
			return 0
		}
		d.names = names
	}
	L.Push(lua.LString(d.names[0]))
	d.names = d.names[1:]
	return 1
}

// close is d:close().
func (lib *library) close(L *lua.LState) int {
	if d := checkDirectory(L); d.file != nil {
		d.file.Close()
		d.file = nil
	}
	return 0
}
