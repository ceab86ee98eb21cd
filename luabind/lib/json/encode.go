package json

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// encoder makes text of values.
type encoder struct {
	*marks
	*settings
	b    []byte
	pace arg.Pace
}

// maxText is how long a text may be, as any string of the engine.
const maxText = 1 << 30

var errTooLarge = errors.New("resulting string too large")

func encode(L *lua.LState, m *marks, s *settings, v lua.LValue) (lua.LValue, error) {
	e := encoder{marks: m, settings: s, pace: arg.Pace{L: L}}
	if _, err := e.value(v, 0); err != nil {
		return nil, err
	}
	return lua.LString(e.b), nil
}

func cannot(v lua.LValue, reason string) error {
	return fmt.Errorf("Cannot serialise %s: %s", v.Type(), reason) //lint:ignore ST1005 as lua-cjson says it
}

// value appends v, in so many arrays and objects. skipped: it has no JSON, and shall be left out.
func (e *encoder) value(v lua.LValue, depth int) (skipped bool, err error) {
	e.pace.Go(64)
	if len(e.b) > maxText {
		return false, errTooLarge
	}
	switch v := v.(type) {
	case *lua.LNilType:
		e.b = append(e.b, "null"...)
	case lua.LBool:
		e.b = strconv.AppendBool(e.b, bool(v))
	case lua.LNumber:
		return false, e.number(v)
	case lua.LString:
		e.string(string(v))
	case *lua.LTable:
		return false, e.table(v, depth+1)
	default:
		switch {
		case v == lua.LValue(e.null):
			e.b = append(e.b, "null"...)
		case v == lua.LValue(e.emptyArray):
			e.b = append(e.b, "[]"...)
		case e.skip:
			return true, nil
		default:
			return false, cannot(v, "type not supported")
		}
	}
	return false, nil
}

func (e *encoder) number(n lua.LNumber) error {
	f := float64(n)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		switch {
		case e.encodeInvalid == off:
			return cannot(n, "must not be NaN or Inf")
		case e.encodeInvalid == asNull:
			e.b = append(e.b, "null"...)
		case math.IsNaN(f):
			e.b = append(e.b, "nan"...)
		default:
			e.b = strconv.AppendFloat(e.b, f, 'f', -1, 64)
			e.b = append(e.b[:len(e.b)-4], map[bool]string{true: "inf", false: "-inf"}[f > 0]...)
		}
		return nil
	}
	if i := int64(f); float64(i) == f && -1e14 < f && f < 1e14 && (i != 0 || !math.Signbit(f)) && e.precision != 0 && (e.precision < 0 || e.precision >= 14) {
		e.b = strconv.AppendInt(e.b, i, 10)
		return nil
	}
	if e.precision < 0 && math.Abs(f) < 1e21 && math.Abs(f) >= 1e-6 { // as in JavaScript
		e.b = strconv.AppendFloat(e.b, f, 'f', -1, 64)
		return nil
	}
	e.b = strconv.AppendFloat(e.b, f, 'g', e.precision, 64)
	return nil
}

const hex = "0123456789abcdef"

func (e *encoder) string(s string) {
	e.b = append(e.b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && (c != '/' && c != 0x7f || !e.escapeSlash) {
			continue
		}
		e.b = append(e.b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\', '/':
			e.b = append(e.b, '\\', c)
		case '\b':
			e.b = append(e.b, `\b`...)
		case '\t':
			e.b = append(e.b, `\t`...)
		case '\n':
			e.b = append(e.b, `\n`...)
		case '\f':
			e.b = append(e.b, `\f`...)
		case '\r':
			e.b = append(e.b, `\r`...)
		default:
			e.b = append(e.b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	e.b = append(append(e.b, s[from:]...), '"')
}

func (e *encoder) table(t *lua.LTable, depth int) error {
	if depth > min(e.encodeDepth, maxDepth) {
		return fmt.Errorf("Cannot serialise, excessive nesting (%d)", depth) //lint:ignore ST1005 as lua-cjson says it
	}
	if t.Metatable == lua.LValue(e.array) {
		return e.list(t, glua.Len(t), depth)
	}
	n, err := e.length(t)
	switch {
	case err != nil:
		return err
	case n > 0, n == 0 && (!e.emptyAsObject || t.Metatable == lua.LValue(e.empty)):
		return e.list(t, n, depth)
	}
	return e.object(t, depth)
}

// length returns how long t is as an array, holes included; -1: it is none.
func (e *encoder) length(t *lua.LTable) (int, error) {
	most, items := 0, 0
	for k := range glua.Pairs(t) {
		n, ok := k.(lua.LNumber)
		if !ok || n < 1 || float64(n) != math.Floor(float64(n)) {
			return -1, nil
		}
		if n > 1<<53 {
			n = 1 << 53
		}
		most = max(most, int(n))
		items++
	}
	if e.sparseRatio > 0 && most > items*e.sparseRatio && most > e.sparseSafe {
		if !e.sparseConvert {
			return 0, cannot(t, "excessively sparse array")
		}
		return -1, nil
	}
	return most, nil
}

func (e *encoder) list(t *lua.LTable, n, depth int) error {
	e.b = append(e.b, '[')
	some := false
	for i := 1; i <= n; i++ {
		before := len(e.b)
		e.next(some, depth)
		skipped, err := e.value(glua.Item(t, i), depth)
		if err != nil {
			return err
		}
		if skipped {
			e.b = e.b[:before]
			continue
		}
		some = true
	}
	e.end(some, depth)
	e.b = append(e.b, ']')
	return nil
}

// next comes before an item, end after the last one.
func (e *encoder) next(some bool, depth int) {
	if some {
		e.b = append(e.b, ',')
	}
	if e.indent != "" {
		e.line(depth)
	}
}

func (e *encoder) end(some bool, depth int) {
	if some && e.indent != "" {
		e.line(depth - 1)
	}
}

func (e *encoder) line(depth int) {
	e.b = append(e.b, '\n')
	for range depth {
		e.b = append(e.b, e.indent...)
	}
}

func (e *encoder) object(t *lua.LTable, depth int) error {
	e.b = append(e.b, '{')
	some := false
	field := func(k, v lua.LValue) error {
		before := len(e.b)
		e.next(some, depth)
		switch k := k.(type) {
		case lua.LNumber:
			e.b = append(e.b, '"')
			if err := e.number(k); err != nil {
				return err
			}
			e.b = append(e.b, '"')
		case lua.LString:
			e.string(string(k))
		default:
			return cannot(k, "table key must be a number or string")
		}
		e.b = append(e.b, ':')
		if e.indent != "" {
			e.b = append(e.b, ' ')
		}
		skipped, err := e.value(v, depth)
		if skipped {
			e.b = e.b[:before]
			return nil
		}
		some = true
		return err
	}
	each := glua.Pairs(t)
	if e.sorted {
		each = sorted(each)
	}
	for k, v := range each {
		if err := field(k, v); err != nil {
			return err
		}
	}
	e.end(some, depth)
	e.b = append(e.b, '}')
	return nil
}

// sorted goes through fields in the order of their keys: numbers first.
func sorted(fields iter.Seq2[lua.LValue, lua.LValue]) iter.Seq2[lua.LValue, lua.LValue] {
	type field struct{ key, value lua.LValue }
	var all []field
	for k, v := range fields {
		all = append(all, field{k, v})
	}
	slices.SortStableFunc(all, func(a, b field) int {
		x, xNumber := a.key.(lua.LNumber)
		y, yNumber := b.key.(lua.LNumber)
		switch {
		case xNumber && yNumber:
			return cmp.Compare(x, y)
		case xNumber:
			return -1
		case yNumber:
			return 1
		}
		return cmp.Compare(a.key.String(), b.key.String())
	})
	return func(yield func(k, v lua.LValue) bool) {
		for _, f := range all {
			if !yield(f.key, f.value) {
				return
			}
		}
	}
}
