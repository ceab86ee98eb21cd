package iolib

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
)

// fileType names the metatable of files in the registry, by which others know
// them, too.
const fileType = "FILE*"

// file is what the userdata of a file holds. When the script has forgotten it,
// its stream is closed.
type file struct{ *stream }

// newFile makes the userdata of s.
func (lib *library) newFile(L *lua.LState, s *stream) *lua.LUserData {
	f := &file{s}
	if s.handle != nil {
		lib.host.remember(s)
		runtime.AddCleanup(f, lib.host.collect, s)
	}
	ud := L.NewUserData()
	ud.Value, ud.Metatable = f, lib.metatable
	return ud
}

// methods of files, for their metatable and for the words of argError.
func (lib *library) methods() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"close":      func(L *lua.LState) int { return lib.close(L, checkFile(L)) },
		"flush":      func(L *lua.LState) int { return lib.flush(L, checkFile(L)) },
		"lines":      func(L *lua.LState) int { return lib.lines(L, checkFile(L), false) },
		"read":       func(L *lua.LState) int { return read(L, lib.host.context(), checkFile(L).stream, 2) },
		"seek":       lib.seek,
		"setvbuf":    setvbuf,
		"write":      func(L *lua.LState) int { return lib.write(L, checkFile(L), 2) },
		"__gc":       lib.collect,
		"__tostring": toString,
	}
}

// fileArg returns argument 1 where it is a file, closed or not.
func fileArg(L *lua.LState) (*file, bool) {
	f, ok := arg.Value(L, 1).(*file)
	return f, ok
}

// anyFile checks that argument 1 is a file, closed or not.
func anyFile(L *lua.LState) *file {
	f, ok := fileArg(L)
	if !ok {
		arg.TypeError(L, 1, fileType)
	}
	return f
}

// checkFile checks that argument 1 is an open file.
func checkFile(L *lua.LState) *file {
	f := anyFile(L)
	if f.closed {
		arg.Raise(L, "attempt to use a closed file")
	}
	f.checkFree(L)
	return f
}

// checkFree refuses a file that waits for something: a handler uses it that was called
// meanwhile.
func (s *stream) checkFree(L *lua.LState) {
	if s.busy {
		arg.Raise(L, "%s", errBusy)
	}
}

func succeed(L *lua.LState) int {
	L.Push(lua.LTrue)
	return 1
}

func result(L *lua.LState, err error) int {
	if err != nil {
		return fail(L, err)
	}
	return succeed(L)
}

// close is io.close and file:close. As in Lua 5.1, a command's status isn't
// told.
func (lib *library) close(L *lua.LState, f *file) int {
	if f.handle == nil {
		L.Push(lua.LNil)
		L.Push(lua.LString("cannot close standard file"))
		return 2
	}
	return result(L, f.stream.close(lib.host.context(), func() { lib.host.forget(f.stream) }))
}

// collect is what Lua would call when a file is garbage.
func (lib *library) collect(L *lua.LState) int {
	if f := anyFile(L); !f.closed && f.handle != nil {
		f.checkFree(L)
		lib.close(L, f)
	}
	return 0
}

func (lib *library) flush(L *lua.LState, f *file) int {
	return result(L, f.stream.flush(lib.host.context()))
}

// large is from which size on a string isn't copied to be written: a writer changes
// nothing of what it gets.
const large = 1 << 20

// write is io.write and file:write, of the arguments from first on. They come
// to a writer of the host in one piece.
func (lib *library) write(L *lua.LState, f *file, first int) int {
	if L.GetTop() < first {
		return succeed(L)
	}
	wrong, err := f.stream.writeAll(L, lib.host.context(), first)
	if wrong != 0 {
		arg.TypeError(L, wrong, "string")
	}
	return result(L, err)
}

// writeAll writes the arguments from first on, up to one that can't be written, whose
// number it returns.
func (s *stream) writeAll(L *lua.LState, ctx context.Context, first int) (wrong int, err error) {
	err = s.prepareWrite(ctx)
	s.hold.Lock()
	defer s.hold.Unlock() // also after an error that a handler raises while it waits
	for i := first; i <= L.GetTop(); i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			switch {
			case err != nil:
			case len(v) >= large && (s.limit > 0 || first == L.GetTop()) && !s.text.on:
				if err = s.flushHeld(ctx); err == nil {
					err = s.do(ctx, &operation{s: s, data: unsafe.Slice(unsafe.StringData(string(v)), len(v))})
				}
			case s.text.on:
				s.unwritten = AppendText(s.unwritten, string(v))
			default:
				s.unwritten = append(s.unwritten, v...)
			}
		case lua.LNumber:
			if err == nil {
				s.unwritten = numeral.Append(s.unwritten, float64(v))
			}
		default:
			s.wrote(ctx) // those before it
			return i, nil
		}
		if err == nil {
			err = s.spill(ctx)
		}
	}
	if err == nil {
		err = s.wrote(ctx)
	}
	return 0, err
}

// seek is file:seek([whence [, offset]]).
func (lib *library) seek(L *lua.LState) int {
	f := checkFile(L)
	whence := io.SeekCurrent
	if L.Get(2) != lua.LNil {
		whence = [...]int{io.SeekStart, io.SeekCurrent, io.SeekEnd}[checkOption(L, 2, "set", "cur", "end")]
	}
	offset := 0.0
	if L.Get(3) != lua.LNil {
		offset = arg.Number(L, 3)
	}
	at, err := f.stream.seek(lib.host.context(), arg.ToInt(offset), whence)
	if err != nil {
		return fail(L, err)
	}
	L.Push(lua.LNumber(at))
	return 1
}

// setvbuf is file:setvbuf(mode [, size]).
func setvbuf(L *lua.LState) int {
	f := checkFile(L)
	how := checkOption(L, 2, "no", "full", "line")
	size := bufferSize
	if L.Get(3) != lua.LNil {
		const most = 1 << 20
		size = int(min(max(arg.Int(L, 3), 1), most))
	}
	if f.handle != nil { // print and commands write there, too: the order must stay
		f.limit, f.byLine = size, how == 2
		if how == 0 {
			f.limit = 0
		}
	}
	return succeed(L)
}

func toString(L *lua.LState) int {
	f := anyFile(L)
	if f.closed {
		L.Push(lua.LString("file (closed)"))
	} else {
		L.Push(lua.LString(fmt.Sprintf("file (%p)", f)))
	}
	return 1
}

// lines pushes an iterator over the lines of f; closing: it closes f at the end.
func (lib *library) lines(L *lua.LState, f *file, closing bool) int {
	L.Push(L.NewFunction(func(L *lua.LState) int {
		if f.closed {
			arg.Raise(L, "file is already closed")
		}
		f.checkFree(L)
		line, found, err := f.readLine(lib.host.context())
		switch {
		case err != nil:
			text, _ := describe(L, err)
			arg.Raise(L, "%s", text)
		case found:
			L.Push(lua.LString(line))
			return 1
		case closing:
			lib.close(L, f)
		}
		return 0
	}))
	return 1
}
