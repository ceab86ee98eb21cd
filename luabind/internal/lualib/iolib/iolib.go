package iolib

import (
	"io"
	"os"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/scarce"
)

// library is io in one state.
type library struct {
	host      *Host
	metatable *lua.LTable
	input     *lua.LUserData // the file that io.read reads
	output    *lua.LUserData // the file that io.write writes
}

// OpenIO registers the global io.
func OpenIO(L *lua.LState, h *Host) *lua.LTable {
	lib := &library{host: h}
	h.library = lib
	lib.metatable = glua.NewFunctions(L, lib.methods(), 1)
	glua.SetNamed(L.G.Registry, fileType, lib.metatable)
	glua.SetNamed(lib.metatable, "__index", lib.metatable)

	stdin := lib.newFile(L, h.input())
	stdout := lib.newFile(L, h.output())
	stderr := lib.newFile(L, h.errors())
	lib.input, lib.output = stdin, stdout

	t := glua.NewLibrary(L, lua.IoLibName, map[string]lua.LGFunction{
		"close":   lib.ioClose,
		"flush":   func(L *lua.LState) int { return lib.flush(L, lib.current(L, lib.output, "output")) },
		"input":   func(L *lua.LState) int { return lib.choose(L, &lib.input, "r") },
		"lines":   lib.ioLines,
		"open":    lib.ioOpen,
		"output":  func(L *lua.LState) int { return lib.choose(L, &lib.output, "w") },
		"popen":   lib.ioPopen,
		"read":    func(L *lua.LState) int { return read(L, h.context(), lib.current(L, lib.input, "input").stream, 1) },
		"tmpfile": lib.ioTmpfile,
		"type":    ioType,
		"write":   func(L *lua.LState) int { return lib.write(L, lib.current(L, lib.output, "output"), 1) },
	}, 3)
	glua.SetNamed(t, "stdin", stdin)
	glua.SetNamed(t, "stdout", stdout)
	glua.SetNamed(t, "stderr", stderr)
	return t
}

// input is the stream of io.stdin, which Input reads as well.
func (h *Host) input() *stream {
	if h.stdin == nil {
		h.stdin = &stream{reader: h.Stdin, text: text{on: h.Text}}
		if h.Stdin == nil {
			h.stdin.reader = atEnd{}
		}
		h.stdin.seeker, _ = h.Stdin.(io.Seeker)
	}
	return h.stdin
}

type atEnd struct{}

func (atEnd) Read([]byte) (int, error) { return 0, io.EOF }

// output is the stream of io.stdout, where Print writes as well.
func (h *Host) output() *stream {
	if h.stdout == nil {
		h.stdout = h.outputTo(h.Stdout)
	}
	return h.stdout
}

// errors is the stream of io.stderr.
func (h *Host) errors() *stream {
	if h.stderr == nil {
		h.stderr = h.outputTo(h.Stderr)
	}
	return h.stderr
}

func (h *Host) outputTo(w io.Writer) *stream {
	s := &stream{writer: w, text: text{on: h.Text}}
	if w == nil {
		s.writer = io.Discard
	}
	if f := fileOf(w); f != nil {
		s.seeker = f
	}
	return s
}

// current returns the file that io.read or io.write uses.
func (lib *library) current(L *lua.LState, ud *lua.LUserData, kind string) *file {
	f := ud.Value.(*file)
	if f.closed {
		arg.Raise(L, "standard %s file is closed", kind)
	}
	f.checkFree(L)
	return f
}

// choose is io.input and io.output: without an argument they return the current
// file, with one they open or take another.
func (lib *library) choose(L *lua.LState, current **lua.LUserData, how string) int {
	switch L.Get(1).(type) {
	case *lua.LNilType:
	case lua.LString, lua.LNumber:
		*current = lib.mustOpen(L, how)
	default:
		checkFile(L)
		*current = L.Get(1).(*lua.LUserData)
	}
	L.Push(*current)
	return 1
}

func (lib *library) open(L *lua.LState, name, how string) (*stream, error) {
	return scarce.Retry(L, func() (*stream, error) { return lib.host.openFile(lib.host.context(), name, how) })
}

// mustOpen opens the file that argument 1 names.
func (lib *library) mustOpen(L *lua.LState, how string) *lua.LUserData {
	name := arg.String(L, 1)
	s, err := lib.open(L, name, how)
	if err != nil {
		text, _ := describe(L, err)
		arg.Error(L, 1, name+": "+text)
	}
	return lib.newFile(L, s)
}

func (lib *library) ioClose(L *lua.LState) int {
	if L.GetTop() == 0 {
		L.Push(lib.output)
	}
	return lib.close(L, checkFile(L))
}

func (lib *library) ioLines(L *lua.LState) int {
	if L.Get(1) != lua.LNil {
		return lib.lines(L, lib.mustOpen(L, "r").Value.(*file), true)
	}
	if L.GetTop() == 0 {
		L.Push(lib.input)
	}
	return lib.lines(L, checkFile(L), false) // as lua5.1, which takes nil for a file here
}

func (lib *library) ioOpen(L *lua.LState) int {
	name := arg.String(L, 1)
	how := "r"
	if L.Get(2) != lua.LNil {
		how = arg.String(L, 2)
	}
	s, err := lib.open(L, name, how)
	if err != nil {
		return failOn(L, name+": ", err)
	}
	L.Push(lib.newFile(L, s))
	return 1
}

func (lib *library) ioTmpfile(L *lua.LState) int {
	s, err := scarce.Retry(L, lib.host.tempFile)
	if err != nil {
		return fail(L, err)
	}
	L.Push(lib.newFile(L, s))
	return 1
}

// ioPopen is io.popen(command [, mode]).
func (lib *library) ioPopen(L *lua.LState) int {
	line := arg.String(L, 1)
	how := "r"
	if L.Get(2) != lua.LNil {
		how = arg.String(L, 2)
	}
	if !lib.host.Shell {
		arg.Raise(L, "'popen' not supported")
	}
	s, err := scarce.Retry(L, func() (*stream, error) { return lib.popen(line, how) })
	if err != nil {
		return failOn(L, line+": ", err)
	}
	L.Push(lib.newFile(L, s))
	return 1
}

func (lib *library) popen(line, how string) (*stream, error) {
	how, kind := how[:min(len(how), 1)], how[min(len(how), 1):]
	if how != "r" && how != "w" || !pipeKind(kind) {
		return nil, syscall.EINVAL
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s := &stream{limit: bufferSize, text: text{on: lib.host.Text && kind != "b"}}
	var stdin, stdout, ours *os.File
	if how == "r" {
		s.reader, s.handle, ours, stdout = r, r, r, w
	} else {
		s.writer, s.handle, ours, stdin = w, w, w, r
	}
	s.command, err = lib.host.start(lib.host.context(), line, stdin, stdout)
	if how == "r" {
		w.Close()
	} else {
		r.Close()
	}
	if err != nil {
		ours.Close()
		return nil, err
	}
	return s, nil
}

func ioType(L *lua.LState) int {
	if L.GetTop() == 0 {
		arg.Error(L, 1, "value expected")
	}
	f, ok := fileArg(L)
	switch {
	case !ok:
		L.Push(lua.LNil)
	case f.closed:
		L.Push(lua.LString("closed file"))
	default:
		L.Push(lua.LString("file"))
	}
	return 1
}
