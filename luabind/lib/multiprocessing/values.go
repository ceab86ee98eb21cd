package multiprocessing

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
)

// Values go through queues and connections as
//
//	value = '0' | 'f' | 't'         nil, false, true
//	      | 'n' 8 bytes             a number, little-endian
//	      | 'i' 4 bytes             one that is an integer, little-endian too: of tasks and results, as the other side of a
//	                                connection may be an older program
//	      | 's' bytes               a string
//	      | 'v' bytes               a message of anything else, as package luabind makes it
//
// since most are plain, and a message costs some microseconds.
const (
	valueNil     = '0'
	valueFalse   = 'f'
	valueTrue    = 't'
	valueNumber  = 'n'
	valueInteger = 'i'
	valueString  = 's'
	valueMessage = 'v'

	valueDefinitions = 'd' // see definitions.go
)

func appendFloat(b []byte, n float64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, valueNumber), math.Float64bits(n))
}

// appendNumber does what appendFloat does, in fewer bytes for most numbers.
func appendNumber(b []byte, n float64) []byte {
	if i := int32(n); float64(i) == n && (i != 0 || !math.Signbit(n)) {
		return binary.LittleEndian.AppendUint32(append(b, valueInteger), uint32(i))
	}
	return appendFloat(b, n)
}

// cutNumber takes a number off b, which follows what kind of number it is.
func cutNumber(kind byte, b []byte) (n float64, rest []byte, ok bool) {
	switch {
	case kind == valueInteger && len(b) >= 4:
		return float64(int32(binary.LittleEndian.Uint32(b))), b[4:], true
	case kind == valueNumber && len(b) >= 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), b[8:], true
	}
	return 0, nil, false
}

// unpackNumber unpacks a number; ok is false if b is another value.
func unpackNumber(b []byte) (n float64, ok bool) {
	if len(b) == 0 {
		return 0, false
	}
	n, rest, ok := cutNumber(b[0], b[1:])
	return n, ok && len(rest) == 0
}

// packScalar appends a value that is nil, a boolean, a number or a string, for sharing.unpack; ok is
// false if it is another.
func packScalar(b []byte, v *glua.Value) (_ []byte, ok bool) {
	switch {
	case v.IsNumber():
		return appendNumber(b, v.Float()), true
	case v.IsString():
		return append(append(b, valueString), v.String()...), true
	case v.IsNil():
		return append(b, valueNil), true
	case v.Same(&glua.True):
		return append(b, valueTrue), true
	case v.Same(&glua.False):
		return append(b, valueFalse), true
	}
	return b, false
}

// unpackScalar unpacks a value that is nil, a boolean, a number or a short string; ok is false if it is
// another.
func unpackScalar(b []byte) (v glua.Value, ok bool) {
	if len(b) == 0 || len(b) > shortString {
		return v, false
	}
	if n, ok := unpackNumber(b); ok {
		return glua.NumberValue(n), true
	}
	switch kind := b[0]; {
	case kind == valueString:
		return glua.TextValue(string(b[1:])), true
	case len(b) > 1:
	case kind == valueNil:
		return glua.Nil, true
	case kind == valueTrue:
		return glua.True, true
	case kind == valueFalse:
		return glua.False, true
	}
	return v, false
}

// errNoValue is the error of bytes that are no value, such as a message of send_bytes.
var errNoValue = errors.New("what came is not a value (send_bytes goes with recv_bytes)")

// pack appends v to b, and returns the files that go with it, which are the
// caller's. to is what errors call the destination.
func (lib *sharing) pack(b []byte, defs luabind.Definitions, to string, v lua.LValue) ([]byte, []*os.File, error) {
	switch v := v.(type) { // as packScalar, for who has no glua.Value
	case *lua.LNilType:
		return append(b, valueNil), nil, nil
	case lua.LBool:
		if v {
			return append(b, valueTrue), nil, nil
		}
		return append(b, valueFalse), nil, nil
	case lua.LNumber:
		return appendFloat(b, float64(v)), nil, nil
	case lua.LString:
		return append(append(b, valueString), v...), nil, nil
	}
	s, err := lib.engine.PackMessage(append(b, valueMessage), defs, to, luabind.Root{Name: "value", Value: v})
	if err != nil {
		return b, nil, err
	}
	return s.Data, s.Files, nil
}

// unpack makes a value of what pack has returned. It takes over b and files.
func (lib *sharing) unpack(b []byte, files []*os.File, defs luabind.Definitions) (lua.LValue, error) {
	if len(b) > 0 && b[0] == valueMessage {
		return lib.engine.UnpackMessage(&luabind.Snapshot{Data: b[1:], Files: files}, defs)
	}
	closeFiles(files)
	if n, ok := unpackNumber(b); ok {
		return lua.LNumber(n), nil
	}
	switch {
	case len(b) == 1 && b[0] == valueNil:
		return lua.LNil, nil
	case len(b) == 1 && b[0] == valueFalse:
		return lua.LFalse, nil
	case len(b) == 1 && b[0] == valueTrue:
		return lua.LTrue, nil
	case len(b) > 0 && b[0] == valueString:
		return lua.LString(stringOf(b[1:])), nil
	}
	return nil, errNoValue
}

func closeFiles(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// stringOf makes a string of bytes that nobody will change, without a copy.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf returns the bytes of a string, without a copy. Nobody may change them.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
