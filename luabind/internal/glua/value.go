package glua

import (
	"math"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// A Value is a Lua value as registers hold it: unlike an lua.LValue it holds a number
// by itself, without memory elsewhere.
//
//	p             n
//	nil           the bits of a number, which are below tag
//	nil           tagNil, tagFalse or tagTrue
//	the object    tagString and so on; p is also the data word of the lua.LValue
//
// The tags are NaNs that no arithmetic gives (a processor's own are 0x7ff8... and
// 0xfff8...), and arithmetic on one gives a NaN: so a result that is no NaN says that
// both operands were numbers.
type Value struct {
	p unsafe.Pointer
	n uint64
}

const (
	tag = 0xffff << 48

	tagNil = tag + iota - 1
	tagFalse
	tagTrue
	tagString
	tagTable
	tagFunction
	tagUserData
	tagThread
	tagChannel
	tags = iota - 1
)

// Nil, False and True are those values.
var (
	Nil   = Value{nil, tagNil}
	False = Value{nil, tagFalse}
	True  = Value{nil, tagTrue}
)

// word is how Go stores an lua.LValue: its type, and a pointer to its data.
type word struct {
	kind unsafe.Pointer
	data unsafe.Pointer
}

func wordOf(v lua.LValue) word { return *(*word)(unsafe.Pointer(&v)) }

// kinds are the first words of lua.LValues, by tag, and the whole of those that are no
// objects.
var (
	kindNumber = wordOf(lua.LNumber(0)).kind
	kindBool   = wordOf(lua.LFalse).kind
	kinds      = [tags]unsafe.Pointer{
		tagNil - tag:      wordOf(lua.LNil).kind,
		tagFalse - tag:    kindBool,
		tagTrue - tag:     kindBool,
		tagString - tag:   wordOf(lua.LString("")).kind,
		tagTable - tag:    wordOf((*lua.LTable)(nil)).kind,
		tagFunction - tag: wordOf((*lua.LFunction)(nil)).kind,
		tagUserData - tag: wordOf((*lua.LUserData)(nil)).kind,
		tagThread - tag:   wordOf((*lua.LState)(nil)).kind,
		tagChannel - tag:  wordOf(lua.LChannel(nil)).kind,
	}
	luaTypes = [tags]lua.LValueType{
		tagNil - tag:      lua.LTNil,
		tagFalse - tag:    lua.LTBool,
		tagTrue - tag:     lua.LTBool,
		tagString - tag:   lua.LTString,
		tagTable - tag:    lua.LTTable,
		tagFunction - tag: lua.LTFunction,
		tagUserData - tag: lua.LTUserData,
		tagThread - tag:   lua.LTThread,
		tagChannel - tag:  lua.LTChannel,
	}
	simple = [3]lua.LValue{lua.LNil, lua.LFalse, lua.LTrue}
)

// ValueOf returns v as a Value.
func ValueOf(v lua.LValue) Value {
	w := wordOf(v)
	switch w.kind {
	case kindNumber:
		return NumberValue(*(*float64)(w.data))
	case kinds[tagString-tag]:
		return Value{w.data, tagString}
	case kinds[tagTable-tag]:
		return Value{w.data, tagTable}
	case kinds[tagFunction-tag]:
		return Value{w.data, tagFunction}
	case kinds[tagNil-tag], nil:
		return Nil
	case kindBool:
		return BoolValue(*(*bool)(w.data))
	case kinds[tagUserData-tag]:
		return Value{w.data, tagUserData}
	case kinds[tagThread-tag]:
		return Value{w.data, tagThread}
	}
	return Value{w.data, tagChannel}
}

// NumberValue returns a number. Of NaNs there are two, which are written nan and -nan.
func NumberValue(f float64) Value {
	n := math.Float64bits(f)
	if f != f {
		n = n&(1<<63) | 0x7ff8<<48
	}
	return Value{nil, n}
}

// BoolValue returns a boolean.
func BoolValue(b bool) Value {
	if b {
		return True
	}
	return False
}

// TableValue returns a table.
func TableValue(t *lua.LTable) Value { return Value{unsafe.Pointer(t), tagTable} }

// FunctionValue returns a function.
func FunctionValue(f *lua.LFunction) Value { return Value{unsafe.Pointer(f), tagFunction} }

// TextValue returns a string.
func TextValue(s string) Value { return Value{unsafe.Pointer(&s), tagString} }

// LValue returns v as an lua.LValue; numbers, which may be nil, gives memory for one.
func (v Value) LValue(numbers *Numbers) lua.LValue {
	if v.n < tag {
		if numbers == nil {
			return lua.LNumber(v.Float())
		}
		return numbers.Value(lua.LNumber(v.Float()))
	}
	if v.n <= tagTrue {
		return simple[v.n-tag]
	}
	w := word{kinds[v.n&15], v.p}
	return *(*lua.LValue)(unsafe.Pointer(&w))
}

// IsNumber says whether v is a number.
func (v *Value) IsNumber() bool { return v.n < tag }

// IsNil says whether v is nil.
func (v *Value) IsNil() bool { return v.n == tagNil }

// Truth says whether v is neither nil nor false.
func (v *Value) Truth() bool { return v.n-tagNil > tagFalse-tagNil }

// IsString says whether v is a string.
func (v *Value) IsString() bool { return v.n == tagString }

// IsTable says whether v is a table.
func (v *Value) IsTable() bool { return v.n == tagTable }

// IsFunction says whether v is a function.
func (v *Value) IsFunction() bool { return v.n == tagFunction }

// IsUserData says whether v is a userdata.
func (v *Value) IsUserData() bool { return v.n == tagUserData }

// Float returns a number; a NaN for any other value.
func (v Value) Float() float64 { return math.Float64frombits(v.n) }

// String returns a string.
func (v *Value) String() string { return *(*string)(v.p) }

// LTable returns a table.
func (v *Value) LTable() *lua.LTable { return (*lua.LTable)(v.p) }

// Table returns what a table holds.
func (v *Value) Table() *Table { return (*Table)(v.p) }

// Function returns a function.
func (v *Value) Function() *lua.LFunction { return (*lua.LFunction)(v.p) }

// UserData returns a userdata.
func (v *Value) UserData() *lua.LUserData { return (*lua.LUserData)(v.p) }

// Type returns the type of v.
func (v *Value) Type() lua.LValueType {
	if v.n < tag {
		return lua.LTNumber
	}
	return luaTypes[v.n&15]
}

// Same says whether both are the same object, or the same of nil and booleans.
func (v *Value) Same(w *Value) bool { return v.p == w.p && v.n == w.n }

// SetNumber lets v be a number that is no NaN. The collector is to
// be told of a pointer that goes, so it is looked at first whether there is one.
func (v *Value) SetNumber(f float64) {
	if v.p != nil {
		v.p = nil
	}
	v.n = math.Float64bits(f)
}

// SetNil lets v be nil.
func (v *Value) SetNil() {
	if v.p != nil {
		v.p = nil
	}
	v.n = tagNil
}

// SetNil lets values be nil.
func SetNil(values []Value) {
	for i := range values {
		values[i].SetNil()
	}
}

// SetBool lets v be a boolean.
func (v *Value) SetBool(b bool) {
	if v.p != nil {
		v.p = nil
	}
	v.n = tagFalse
	if b {
		v.n = tagTrue
	}
}

// Take lets v be w.
func (v *Value) Take(w lua.LValue) {
	if x := wordOf(w); x.kind == kindNumber {
		if f := *(*float64)(x.data); f == f {
			v.SetNumber(f)
			return
		}
	}
	*v = ValueOf(w)
}

// Equal compares values as == does without metamethods. Not known: these two may have one.
func Equal(v, w *Value) (same, known bool) {
	if v.n != w.n {
		// Numbers of different bits are 0 and -0, or differ.
		return v.Float() == w.Float(), true
	}
	if v.p == w.p {
		return v.n <= tagChannel && (v.n >= tag || v.Float() == v.Float()), true
	}
	switch v.n {
	case tagString:
		return *(*string)(v.p) == *(*string)(w.p), true
	case tagTable, tagUserData:
		return false, false
	}
	return v.n <= tagTrue, true
}

// Place returns where the object v is; it may serve as a hash.
func (v *Value) Place() uintptr { return uintptr(v.p) >> 3 }

// Set lets v be w.
func (v *Value) Set(w *Value) {
	if p := w.p; v.p != p {
		v.p = p
	}
	v.n = w.n
}

// At returns the register, or the constant,, so many bytes behind the first.
func At(first unsafe.Pointer, offset uint16) *Value {
	return (*Value)(unsafe.Add(first, uintptr(offset)))
}

// ValueSize is how many bytes a Value takes.
const ValueSize = 16

// First returns where values begin.
func First(values []Value) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(values)) }

// Address returns a number that a table or a function has alone as long as it lives;
// 0 for other values.
func Address(v lua.LValue) uintptr {
	switch v := v.(type) {
	case *lua.LTable:
		return uintptr(unsafe.Pointer(v))
	case *lua.LFunction:
		return uintptr(unsafe.Pointer(v))
	}
	return 0
}

// TableAddress is Address of a table.
func TableAddress(t *lua.LTable) uintptr { return uintptr(unsafe.Pointer(t)) }
