package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Decode makes a value of a pickle. The strings of the value don't share b's bytes.
func Decode(b []byte) (lua.LValue, error) {
	if len(b) > MaxSize {
		return nil, errorf("what came from Python has %d bytes; at most %d are read", len(b), MaxSize)
	}
	d := decoder{b: b}
	for {
		op, err := d.byte()
		if err != nil {
			return nil, err
		}
		if op == opStop {
			return d.result()
		}
		if err := d.step(op); err != nil {
			return nil, err
		}
	}
}

// A decoder is the machine.
type decoder struct {
	b      []byte // what is left of the program
	stack  []value
	marks  []int           // how much of the stack lies below each mark
	memo   []value         // with the numbers that follow from each other
	sparse map[int64]value // with others
}

// A value is one on the stack. Some of them are not Lua's.
type value struct {
	lua.LValue
	kind kind
	list *list
}

type kind uint8

const (
	plain kind = iota // not changed by other instructions
	isTuple
	isList
	isDict
	isSet
	isGlobal // a string, with the name of one of the constructors
)

// A list is what is known of one that may grow.
type list struct {
	n     int
	holes bool
}

// constructors are the names that stand for bytes, in pickles of protocols that
// have no instruction for them.
var constructors = [...]string{"builtins.bytearray", "__builtin__.bytearray", "builtins.bytes", "__builtin__.bytes", "_codecs.encode"}

var errBad = &Error{"what came is no pickle of Python's (send_bytes goes with recv_bytes)"}

func (d *decoder) byte() (byte, error) {
	if len(d.b) == 0 {
		return 0, errBad
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c, nil
}

// take returns the next n bytes.
func (d *decoder) take(n uint64) ([]byte, error) {
	if n > uint64(len(d.b)) {
		return nil, errBad
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b, nil
}

// number reads a little-endian number of n bytes.
func (d *decoder) number(n int) (uint64, error) {
	b, err := d.take(uint64(n))
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[:], b)
	return binary.LittleEndian.Uint64(wide[:]), nil
}

// sized reads bytes after a length of n bytes.
func (d *decoder) sized(n int) ([]byte, error) {
	size, err := d.number(n)
	if err != nil {
		return nil, err
	}
	return d.take(size)
}

func (d *decoder) line() (string, error) {
	line, rest, ok := bytes.Cut(d.b, []byte("\n"))
	if !ok {
		return "", errBad
	}
	d.b = rest
	return string(line), nil
}

func (d *decoder) push(v lua.LValue, k kind) { d.stack = append(d.stack, value{LValue: v, kind: k}) }

// pop takes n values from the stack, down to the last mark at most.
func (d *decoder) pop(n int) ([]value, error) {
	at := len(d.stack) - n
	if at < 0 || len(d.marks) > 0 && at < d.marks[len(d.marks)-1] {
		return nil, errBad
	}
	values := d.stack[at:]
	d.stack = d.stack[:at]
	return values, nil
}

// popMark takes all values above the last mark, and the mark.
func (d *decoder) popMark() ([]value, error) {
	if len(d.marks) == 0 {
		return nil, errBad
	}
	at := d.marks[len(d.marks)-1]
	d.marks = d.marks[:len(d.marks)-1]
	values := d.stack[at:]
	d.stack = d.stack[:at]
	return values, nil
}

// top returns the value on the stack that others are put into.
func (d *decoder) top(k kind) (value, error) {
	v, err := d.pop(1)
	if err != nil || v[0].kind != k {
		return value{}, errBad
	}
	d.stack = d.stack[:len(d.stack)+1]
	return v[0], nil
}

func (d *decoder) result() (lua.LValue, error) {
	v, err := d.pop(1)
	if err != nil {
		return nil, err
	}
	return v[0].LValue, v[0].check()
}

// check returns an error for what is no value without a call.
func (v value) check() error {
	if v.kind == isGlobal {
		return notPlain(v.String())
	}
	return nil
}

func notPlain(what string) error {
	return errorf("what came from Python is not plain data: it has %s (None, booleans, numbers, strings, bytes, and lists, tuples, dicts and sets of them are read)", shorten(what))
}

func shorten(s string) string {
	if len(s) > 100 {
		s = s[:100] + "..."
	}
	return strconv.Quote(s)
}

// step does one instruction.
func (d *decoder) step(op byte) error {
	switch op {
	case opMark:
		d.marks = append(d.marks, len(d.stack))
	case opPop:
		if n := len(d.marks); n > 0 && d.marks[n-1] == len(d.stack) {
			d.marks = d.marks[:n-1]
			return nil
		}
		_, err := d.pop(1)
		return err
	case opPopMark:
		_, err := d.popMark()
		return err
	case opDup:
		v, err := d.pop(1)
		if err != nil {
			return err
		}
		d.stack = append(d.stack, v[0], v[0])
	case opProto:
		if n, err := d.byte(); err != nil || n > maxProtocol {
			return errBad
		}
	case opFrame:
		if n, err := d.number(8); err != nil || n > uint64(len(d.b)) {
			return errBad
		}
	case opNone:
		d.push(lua.LNil, plain)
	case opTrue, opFalse:
		d.push(lua.LBool(op == opTrue), plain)
	case opInt, opLong, opFloat, opBinInt, opBinInt1, opBinInt2, opLong1, opLong4, opBinFloat:
		return d.numeral(op)
	case opString, opUnicode, opBinString, opShortBinString, opBinUnicode, opShortBinUnicode, opBinUnicode8,
		opBinBytes, opShortBinBytes, opBinBytes8, opByteArray8:
		return d.str(op)
	case opEmptyList, opList, opAppend, opAppends, opEmptyTuple, opTuple, opTuple1, opTuple2, opTuple3:
		return d.sequence(op)
	case opEmptyDict, opDict, opSetItem, opSetItems, opEmptySet, opAddItems, opFrozenSet:
		return d.keyed(op)
	case opGet, opBinGet, opLongBinGet, opPut, opBinPut, opLongBinPut, opMemoize:
		return d.remember(op)
	case opGlobal, opInst, opStackGlobal, opReduce:
		return d.constructed(op)
	case opBuild, opNewObj, opNewObjEx, opObj:
		return notPlain("an object")
	case opExt1, opExt2, opExt4:
		return notPlain("an object of copyreg's")
	case opPersID, opBinPersID:
		return notPlain("a persistent id")
	case opNextBuffer, opReadonlyBuffer:
		return notPlain("a buffer outside the pickle")
	default:
		return errBad
	}
	return nil
}

// sequence makes lists and tuples, and adds to lists.
func (d *decoder) sequence(op byte) error {
	var items []value
	var err error
	switch op {
	case opEmptyList, opEmptyTuple:
	case opTuple1, opTuple2, opTuple3:
		items, err = d.pop(int(op-opTuple1) + 1)
	case opAppend:
		items, err = d.pop(1)
	default:
		items, err = d.popMark()
	}
	if err != nil {
		return err
	}
	var to value
	switch op {
	case opAppend, opAppends:
		if to, err = d.top(isList); err != nil {
			return err
		}
	default:
		to = value{glua.NewTable(len(items), 0), isTuple, &list{}}
		if op == opEmptyList || op == opList {
			to.kind = isList
		}
	}
	if err := to.append(items); err != nil {
		return err
	}
	if op != opAppend && op != opAppends {
		d.stack = append(d.stack, to)
	}
	return nil
}

// append adds items to a list or tuple.
func (to value) append(items []value) error {
	t := to.LValue.(*lua.LTable)
	list := make([]glua.Value, len(items))
	for i, v := range items {
		if err := v.check(); err != nil {
			return err
		}
		to.list.holes = to.list.holes || v.LValue == lua.LNil
		list[i] = glua.ValueOf(v.LValue)
	}
	if in := glua.InsideTable(t); to.list.n == 0 {
		in.SetList(1, list)
	} else {
		for i := range list { // it grows as it needs
			in.SetItem(to.list.n+1+i, &list[i])
		}
	}
	to.list.n += len(items)
	if to.list.holes {
		glua.SetNamed(t, "n", lua.LNumber(to.list.n))
	}
	return nil
}

// keyed makes dicts and sets, and adds to them.
func (d *decoder) keyed(op byte) error {
	var items []value
	var err error
	switch op {
	case opEmptyDict, opEmptySet:
	case opSetItem:
		items, err = d.pop(2)
	default:
		items, err = d.popMark()
	}
	if err != nil {
		return err
	}
	var to value
	switch op {
	case opSetItem, opSetItems:
		to, err = d.top(isDict)
	case opAddItems:
		to, err = d.top(isSet)
	case opEmptyDict, opDict:
		to = value{LValue: glua.NewTable(0, 0), kind: isDict}
	default:
		to = value{LValue: glua.NewTable(0, 0), kind: isSet}
	}
	if err != nil {
		return err
	}
	if err := to.set(items); err != nil {
		return err
	}
	switch op {
	case opEmptyDict, opDict, opEmptySet, opFrozenSet:
		d.stack = append(d.stack, to)
	}
	return nil
}

// set puts keys and their values into a dict, or the keys of a set.
func (to value) set(items []value) error {
	t := to.LValue.(*lua.LTable)
	one := value{LValue: lua.LTrue}
	step := 1
	if to.kind == isDict {
		step = 2
	}
	if len(items)%step != 0 {
		return errBad
	}
	for ; len(items) > 0; items = items[step:] {
		key, v := items[0], one
		if step == 2 {
			v = items[1]
		}
		if err := errors.Join(key.check(), v.check()); err != nil {
			return err
		}
		if n, ok := key.LValue.(lua.LNumber); key.LValue == lua.LNil || ok && n != n {
			return errorf("what came from Python has the key None or nan, which no table has")
		}
		glua.Set(t, key.LValue, v.LValue)
	}
	return nil
}

// remember works on the memo.
func (d *decoder) remember(op byte) error {
	var n uint64
	var err error
	switch op {
	case opMemoize:
		n = uint64(len(d.memo) + len(d.sparse))
	case opGet, opPut:
		var line string
		if line, err = d.line(); err == nil {
			if n, err = strconv.ParseUint(line, 10, 32); err != nil {
				err = errBad
			}
		}
	case opBinGet, opBinPut:
		n, err = d.number(1)
	case opLongBinGet, opLongBinPut:
		n, err = d.number(4)
	}
	if err != nil {
		return err
	}
	i := int64(n)
	switch op {
	case opGet, opBinGet, opLongBinGet:
		v, ok := d.sparse[i]
		if i < int64(len(d.memo)) {
			v, ok = d.memo[i], true
		}
		if !ok {
			return errBad
		}
		d.stack = append(d.stack, v)
		return nil
	}
	v, err := d.pop(1)
	if err != nil {
		return err
	}
	d.stack = append(d.stack, v[0])
	switch {
	case i < int64(len(d.memo)):
		d.memo[i] = v[0]
	case i == int64(len(d.memo)) && len(d.sparse) == 0:
		d.memo = append(d.memo, v[0])
	default:
		if d.sparse == nil {
			d.sparse = map[int64]value{}
		}
		d.sparse[i] = v[0]
	}
	return nil
}

// constructed understands the bytes of older protocols; everything else that has
// a name is refused.
func (d *decoder) constructed(op byte) error {
	switch op {
	case opGlobal, opInst:
		module, err := d.line()
		if err != nil {
			return err
		}
		name, err := d.line()
		if err != nil {
			return err
		}
		if op == opInst {
			return notPlain(module + "." + name)
		}
		return d.global(module + "." + name)
	case opStackGlobal:
		names, err := d.pop(2)
		if err != nil {
			return err
		}
		module, ok := names[0].LValue.(lua.LString)
		name, ok2 := names[1].LValue.(lua.LString)
		if !ok || !ok2 {
			return errBad
		}
		return d.global(string(module + "." + name))
	}
	call, err := d.pop(2)
	if err != nil {
		return err
	}
	if call[0].kind != isGlobal || call[1].kind != isTuple {
		return errBad
	}
	var args []lua.LValue
	for _, v := range glua.InsideTable(call[1].LValue.(*lua.LTable)).List() {
		args = append(args, v.LValue(nil))
	}
	name := call[0].String()
	s := lua.LString("")
	if len(args) > 0 {
		var ok bool
		if s, ok = args[0].(lua.LString); !ok {
			return notPlain("a call of " + name)
		}
	}
	switch {
	case len(args) == 2 && (args[1] == lua.LString("latin1") || args[1] == lua.LString("latin-1")):
		// Bytes as the characters of Latin-1, in protocols up to 2.
		var b strings.Builder
		for _, c := range string(s) {
			if c > 0xff {
				return errBad
			}
			b.WriteByte(byte(c))
		}
		s = lua.LString(b.String())
	case len(args) > 1 || name == "_codecs.encode":
		return notPlain("a call of " + name)
	}
	d.push(s, plain)
	return nil
}

func (d *decoder) global(name string) error {
	if !slices.Contains(constructors[:], name) {
		return notPlain(name)
	}
	d.push(lua.LString(name), isGlobal)
	return nil
}
