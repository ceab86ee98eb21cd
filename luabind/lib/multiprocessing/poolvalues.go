package multiprocessing

import (
	"encoding/binary"
	"os"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/proc/ipc"
)

// Arguments and results of a task travel as
//
//	list    = value                      one value, as in values.go
//	        | 'm' count {plain}          several plain ones
//	        | 'M' bytes                  a message of a table that holds them, and their number as n
//	        | 'T' ...                    a small table of plain ones, see plainTable
//	plain   = '0' | 'f' | 't' | 'n' 8 bytes | 'i' 4 bytes | 's' length bytes | 'T' ...
//	failure = length message length traceback [value]
//
// Counts and lengths are uvarints.
const (
	listPlain   = 'm'
	listMessage = 'M'
)

// A listName returns what errors call a list of values. alone says that the list has only one value.
type listName func(alone bool) string

func resultName(bool) string { return "result" }

func argsName(alone bool) string {
	if alone {
		return "args[1]"
	}
	return "args"
}

// packList appends values, as sharing.pack does. defs is nil if they go to another machine.
func (lib *sharing) packList(b []byte, defs luabind.Definitions, to string, name listName, values []lua.LValue) ([]byte, []*os.File, error) {
	if len(values) == 1 {
		return lib.packNamed(b, defs, to, name, values[0])
	}
	plain := lib.plainPacker()
	before := len(b)
	b = binary.AppendUvarint(append(b, listPlain), uint64(len(values)))
	all := true
	for _, v := range values {
		w := glua.ValueOf(v)
		if b, all = plain.value(b, &w, 0); !all {
			break
		}
	}
	if all {
		return b, nil, nil
	}
	b = b[:before]
	t := glua.NewTable(len(values), 1)
	glua.SetItems(t, values)
	glua.SetNamed(t, "n", lua.LNumber(len(values)))
	s, err := lib.engine.PackMessage(append(b, listMessage), defs, to, luabind.Root{Name: name(false), Value: t})
	if err != nil {
		return b, nil, err
	}
	return s.Data, s.Files, nil
}

// packNamed does what sharing.pack does, for a value that has a name in errors.
func (lib *sharing) packNamed(b []byte, defs luabind.Definitions, to string, name listName, v lua.LValue) ([]byte, []*os.File, error) {
	switch v.Type() {
	case lua.LTTable:
		plain := lib.plainPacker()
		if packed, ok := plain.table(b, v.(*lua.LTable), 0); ok {
			return packed, nil, nil
		}
		fallthrough
	case lua.LTFunction, lua.LTUserData, lua.LTThread, lua.LTChannel:
		s, err := lib.engine.PackMessage(append(b, valueMessage), defs, to, luabind.Root{Name: name(true), Value: v})
		if err != nil {
			return b, nil, err
		}
		return s.Data, s.Files, nil
	}
	return lib.pack(b, defs, to, v)
}

// shortString is the length up to which a string is copied out of the bytes that it came
// in: as a part of them it would keep all of them in memory.
const shortString = 1 << 10

// unpackList returns the values that packList has packed, appended to values. It takes
// over both arguments.
func (lib *sharing) unpackList(values []lua.LValue, b []byte, files []*os.File) ([]lua.LValue, error) {
	var room [4]glua.Value
	if plain, ok, err := lib.unpackPlain(room[:0], b); ok {
		closeFiles(files)
		if err != nil {
			return nil, err
		}
		numbers := glua.Inside(inside.State(lib.engine)).Reg.Numbers
		for _, v := range plain {
			values = append(values, v.LValue(numbers))
		}
		return values, nil
	}
	if len(b) > 0 && b[0] == listMessage {
		v, err := lib.engine.UnpackMessage(&luabind.Snapshot{Data: b[1:], Files: files}, &tree)
		if err != nil {
			return nil, err
		}
		t, ok := v.(*lua.LTable)
		n := 0
		if ok {
			n = int(lua.LVAsNumber(glua.Named(t, "n")))
		}
		if !ok || n < 0 || n > maxArgs {
			return nil, errNoValue
		}
		for i := 1; i <= n; i++ {
			values = append(values, glua.Item(t, i))
		}
		return values, nil
	}
	v, err := lib.unpack(b, files, &tree)
	if err != nil {
		return nil, err
	}
	return append(values, v), nil
}

// unpackPlain does what unpackList does if all values are plain; else ok is false.
func (lib *sharing) unpackPlain(values []glua.Value, b []byte) (_ []glua.Value, ok bool, err error) {
	if v, ok := unpackScalar(b); ok {
		return append(values, v), true, nil
	}
	count := uint64(1)
	switch {
	case len(b) > 0 && b[0] == plainTable:
	case len(b) > 0 && b[0] == listPlain:
		n, size := binary.Uvarint(b[1:])
		if size <= 0 || n > uint64(len(b)) {
			return nil, true, errNoValue
		}
		count, b = n, b[1+size:]
	default:
		return nil, false, nil
	}
	for range count {
		v, rest, err := lib.plain.value(b, 0)
		if err != nil {
			return nil, true, err
		}
		values, b = append(values, v), rest
	}
	if len(b) > 0 {
		return nil, true, errNoValue
	}
	return values, true, nil
}

// A failure is the error that a task has raised.
type failure struct {
	message, traceback string
	value              lua.LValue // nil: it can't travel, which message says
}

// packFailure packs the error that a task has raised. The files that it returns are the caller's.
func (lib *sharing) packFailure(defs luabind.Definitions, to string, f failure) ([]byte, []*os.File) {
	var value []byte
	var files []*os.File
	if f.value != nil {
		var err error
		if value, files, err = lib.packNamed(nil, defs, to, func(bool) string { return "error" }, f.value); err != nil {
			value = nil
			f.message += "\n(" + err.Error() + ")"
		}
	}
	b := append(binary.AppendUvarint(nil, uint64(len(f.message))), f.message...)
	b = append(binary.AppendUvarint(b, uint64(len(f.traceback))), f.traceback...)
	return append(b, value...), files
}

// unpackFailure unpacks what packFailure has packed.
func (lib *sharing) unpackFailure(b []byte, files []*os.File) (f failure, err error) {
	for _, s := range []*string{&f.message, &f.traceback} {
		var text []byte
		if text, b, err = cutBytes(b); err != nil {
			closeFiles(files)
			return f, err
		}
		*s = string(text)
	}
	if len(b) == 0 {
		closeFiles(files)
		return f, nil
	}
	var room [1]lua.LValue
	values, err := lib.unpackList(room[:0], b, files)
	if err == nil && len(values) == 1 {
		f.value = values[0]
	}
	return f, err
}

// tooManyFiles says whether a task or a result has more files than it can take along.
func tooManyFiles(files []*os.File) bool { return len(files) > ipc.MaxFiles-1 }
