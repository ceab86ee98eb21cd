package lfs

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"syscall"
	"time"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// status is what the system knows of a file beside what is in an os.FileInfo.
type status struct {
	dev, ino, nlink, uid, gid, rdev float64
	access, change                  time.Time
	blocks, blksize                 float64 // below 0: unknown
}

// attribute is one of a file's, in the order of LuaFileSystem.
type attribute struct {
	name string
	of   func(os.FileInfo, *status) lua.LValue
}

// attributesOf lists those of a file.
func attributesOf() []attribute {
	number := func(of func(*status) float64) func(os.FileInfo, *status) lua.LValue {
		return func(_ os.FileInfo, s *status) lua.LValue {
			if n := of(s); n >= 0 {
				return lua.LNumber(n)
			}
			return lua.LNil
		}
	}
	seconds := func(t time.Time) lua.LValue { return lua.LNumber(t.Unix()) }
	return []attribute{
		{"mode", func(i os.FileInfo, _ *status) lua.LValue { return lua.LString(kind(i.Mode())) }},
		{"dev", number(func(s *status) float64 { return s.dev })},
		{"ino", number(func(s *status) float64 { return s.ino })},
		{"nlink", number(func(s *status) float64 { return s.nlink })},
		{"uid", number(func(s *status) float64 { return s.uid })},
		{"gid", number(func(s *status) float64 { return s.gid })},
		{"rdev", number(func(s *status) float64 { return s.rdev })},
		{"access", func(_ os.FileInfo, s *status) lua.LValue { return seconds(s.access) }},
		{"modification", func(i os.FileInfo, _ *status) lua.LValue { return seconds(i.ModTime()) }},
		{"change", func(_ os.FileInfo, s *status) lua.LValue { return seconds(s.change) }},
		{"size", func(i os.FileInfo, _ *status) lua.LValue { return lua.LNumber(i.Size()) }},
		{"permissions", func(i os.FileInfo, _ *status) lua.LValue { return lua.LString(permissions(i.Mode())) }},
		{"blocks", number(func(s *status) float64 { return s.blocks })},
		{"blksize", number(func(s *status) float64 { return s.blksize })},
	}
}

// statusOf returns what info knows; a file system that isn't the machine's knows less.
func statusOf(info os.FileInfo) *status {
	s := &status{
		nlink:   1,
		access:  info.ModTime(),
		change:  info.ModTime(),
		blocks:  math.Ceil(float64(info.Size()) / 512),
		blksize: 4096,
	}
	s.ask(info.Sys())
	return s
}

func kind(m os.FileMode) string {
	switch m.Type() {
	case 0:
		return "file"
	case os.ModeDir:
		return "directory"
	case os.ModeSymlink:
		return "link"
	case os.ModeSocket:
		return "socket"
	case os.ModeNamedPipe:
		return "named pipe"
	case os.ModeDevice | os.ModeCharDevice:
		return "char device"
	case os.ModeDevice:
		return "block device"
	}
	return "other"
}

func permissions(m os.FileMode) string {
	text := []byte("rwxrwxrwx")
	for i := range text {
		if m&(1<<(8-i)) == 0 {
			text[i] = '-'
		}
	}
	return string(text)
}

// attributes is lfs.attributes(path [, attribute or table]).
func (lib *library) attributes(L *lua.LState) int {
	return lib.describe(L, lib.fs().Stat)
}

// symlinkattributes is lfs.symlinkattributes(path [, attribute or table]).
func (lib *library) symlinkattributes(L *lua.LState) int {
	if lua.LVAsString(L.Get(2)) == "target" {
		_, at, err := lib.name(L, 1)
		var target string
		if err == nil {
			target, err = lib.readlink(at)
		}
		if err != nil {
			return fail(L, "could not obtain link target: ", err)
		}
		L.Push(lua.LString(target))
		return 1
	}
	n := lib.describe(L, func(name string) (os.FileInfo, error) { return lstat(lib.fs(), name) })
	if t, ok := L.Get(-1).(*lua.LTable); ok && n == 1 {
		if target, err := lib.readlink(lib.host.Path(arg.String(L, 1))); err == nil {
			glua.SetNamed(t, "target", lua.LString(target))
		}
	}
	return n
}

func (lib *library) describe(L *lua.LState, stat func(string) (os.FileInfo, error)) int {
	name, at, err := lib.name(L, 1)
	var info os.FileInfo
	if err == nil {
		info, err = stat(at)
	}
	if err != nil {
		return fail(L, "cannot obtain information from file '"+name+"': ", err)
	}
	if lua.LVCanConvToString(L.Get(2)) {
		member := arg.String(L, 2)
		for _, a := range attributesOf() {
			if a.name == member {
				L.Push(a.of(info, statusOf(info)))
				return 1
			}
		}
		arg.Raise(L, "invalid attribute name '%s'", member)
	}
	t, ok := L.Get(2).(*lua.LTable)
	if !ok {
		t = glua.NewTable(0, 0)
	}
	s := statusOf(info)
	for _, a := range attributesOf() {
		glua.SetNamed(t, a.name, a.of(info, s))
	}
	L.Push(t)
	return 1
}

// readlink returns where a symbolic link leads.
func (lib *library) readlink(name string) (string, error) {
	info, err := lstat(lib.fs(), name)
	if err != nil {
		return "", err
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return "", syscall.EINVAL
	}
	if r, ok := lib.fs().(afero.LinkReader); ok {
		return r.ReadlinkIfPossible(name)
	}
	return "", errNotSupported
}

// touch is lfs.touch(path [, access [, modification]]).
func (lib *library) touch(L *lua.LState) int {
	_, at, err := lib.name(L, 1)
	access := time.Now()
	modification := access
	if L.GetTop() > 1 {
		access = time.Unix(arg.OptInt(L, 2, 0), 0)
		modification = time.Unix(arg.OptInt(L, 3, access.Unix()), 0)
	}
	if err == nil {
		err = lib.fs().Chtimes(at, access, modification)
	}
	return result(L, err)
}

// A linker is a file system that has hard links, as afero.Linker is one that has
// symbolic ones.
type linker interface {
	LinkIfPossible(oldname, newname string) error
}

// link is lfs.link(old, new [, symbolic]).
func (lib *library) link(L *lua.LState) int {
	name, old, err1 := lib.name(L, 1)
	_, at, err2 := lib.name(L, 2)
	err := errors.Join(err1, err2)
	switch {
	case err != nil:
	case lua.LVAsBool(L.Get(3)):
		err = lib.symlink(name, at) // the name is relative to where the link is
	case isSystem(lib.fs()):
		err = os.Link(old, at)
	default:
		err = errNotSupported
		if l, ok := lib.fs().(linker); ok {
			err = l.LinkIfPossible(old, at)
		}
	}
	return result(L, err)
}

func (lib *library) symlink(target, name string) error {
	if l, ok := lib.fs().(afero.Linker); ok {
		if err := l.SymlinkIfPossible(target, name); !errors.Is(err, afero.ErrNoSymlink) {
			return err
		}
	}
	return errNotSupported
}
