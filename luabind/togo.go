package luabind

import (
	"context"
	"encoding"
	"fmt"
	"math"
	"reflect"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// plainToGo converts what refers to nothing.
func plainToGo(v lua.LValue) (any, bool) {
	switch v := v.(type) {
	case *lua.LNilType:
		return nil, true
	case lua.LBool:
		return bool(v), true
	case lua.LNumber:
		return float64(v), true
	case lua.LString:
		return string(v), true
	}
	return nil, false
}

// toGo converts v where nothing says which type is wanted.
func (e *Engine) toGo(v lua.LValue) (any, *ConvertError) {
	out, err := (&toGo{engine: e, seen: map[*lua.LTable]any{}}).convert(v)
	if err != nil { // again, and note the path
		out, err = (&toGo{engine: e, seen: map[*lua.LTable]any{}, paths: true}).convert(v)
	}
	return out, err
}

// toGo is one conversion of a Lua value.
type toGo struct {
	engine *Engine
	seen   map[*lua.LTable]any
	todo   []unfilled
	paths  bool // whether to keep the path to each value, for the error
	err    *ConvertError
}

type unfilled struct {
	table *lua.LTable
	path  string
}

func (c *toGo) convert(v lua.LValue) (any, *ConvertError) {
	out := c.value("", v)
	for len(c.todo) > 0 && c.err == nil { // a loop, so that depth costs no stack
		last := len(c.todo) - 1
		next := c.todo[last]
		c.todo = c.todo[:last]
		c.fill(next)
	}
	return out, c.err
}

func (c *toGo) value(path string, v lua.LValue) any {
	if plain, ok := plainToGo(v); ok {
		return plain
	}
	switch v := v.(type) {
	case *lua.LFunction:
		return c.engine.goFunc(v)
	case *lua.LUserData:
		return v.Value
	case *lua.LTable:
		if x, ok := c.seen[v]; ok {
			return x
		}
		var x any = map[any]any{}
		if n := listLen(v); n > 0 {
			x = make([]any, n)
		}
		c.seen[v] = x
		c.todo = append(c.todo, unfilled{v, path})
		return x
	}
	if c.err == nil {
		c.err = cannot("a " + v.Type().String()).in(path)
	}
	return nil
}

// listLen returns n if the keys of t are 1..n, else 0.
func listLen(t *lua.LTable) int {
	n, count := glua.Len(t), 0
	for k := range glua.InsideTable(t).All() {
		if f := k.Float(); !(f >= 1 && f <= float64(n) && f == math.Trunc(f)) {
			return 0
		}
		count++
	}
	if count < n {
		return 0
	}
	return n
}

func (c *toGo) at(path string, k lua.LValue) string {
	if !c.paths {
		return ""
	}
	return joinPath(path, step(k))
}

// step is the path from a table to what it holds under k.
func step(k lua.LValue) string { return "[" + k.String() + "]" }

func (c *toGo) fill(u unfilled) {
	switch x := c.seen[u.table].(type) {
	case []any:
		for i := range x {
			x[i] = c.value(c.at(u.path, lua.LNumber(i+1)), glua.Item(u.table, i+1))
		}
	case map[any]any:
		for k, v := glua.Next(u.table, lua.LNil); k != lua.LNil; k, v = glua.Next(u.table, k) {
			path := c.at(u.path, k)
			key := c.value(path, k)
			if key != nil && !reflect.ValueOf(key).Comparable() {
				if c.err == nil {
					c.err = cannot("a " + k.Type().String() + " as a key").in(path)
				}
				return
			}
			x[key] = c.value(path, v)
		}
	}
}

func (e *Engine) goFunc(f *lua.LFunction) Func {
	return func(ctx context.Context, args ...any) ([]any, error) { return e.callValue(ctx, "function", f, args) }
}

// maxDepth is how deep a value may be nested that goes into a Go type of its own.
const maxDepth = 10000

// into sets out, a settable zero value, to v converted to its type. Callback makes
// a Go function of a type of its own of one in Lua.
func (e *Engine) into(out reflect.Value, v lua.LValue, depth int, callback makeFunc) *ConvertError {
	t := out.Type()
	if depth > maxDepth {
		return cannot("a value so deep")
	}
	switch t {
	case anyType:
		x, err := e.toGo(v)
		if err == nil && x != nil {
			out.Set(reflect.ValueOf(x))
		}
		return err
	case luaValueType:
		glua.Turn(v)
		out.Set(reflect.ValueOf(v))
		return nil
	case durationType, timeType:
		return timeInto(out, v)
	}
	switch v := v.(type) {
	case *lua.LNilType:
		switch t.Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func:
			return nil
		case reflect.Bool: // as Lua has it
			return nil
		}
		return expected(t, v)
	case *lua.LUserData:
		if v.Value != nil && reflect.TypeOf(v.Value).AssignableTo(t) {
			out.Set(reflect.ValueOf(v.Value))
			return nil
		}
	case lua.LString:
		if done, err := textInto(out, string(v)); done {
			return err
		}
	}
	if reflect.TypeOf(v).AssignableTo(t) && t.Kind() == reflect.Pointer { // *lua.LTable and the like
		glua.Turn(v)
		out.Set(reflect.ValueOf(v))
		return nil
	}
	switch t.Kind() {
	case reflect.Bool:
		out.SetBool(lua.LVAsBool(v))
		return nil
	case reflect.String:
		if !lua.LVCanConvToString(v) {
			return expected(t, v)
		}
		out.SetString(v.String())
		return nil
	case reflect.Interface:
		x, err := e.toGo(v)
		if err == nil && (x == nil || !reflect.TypeOf(x).AssignableTo(t)) {
			err = expected(t, v)
		}
		if err == nil {
			out.Set(reflect.ValueOf(x))
		}
		return err
	case reflect.Func:
		f, ok := v.(*lua.LFunction)
		if !ok {
			return expected(t, v)
		}
		return callback(out, f)
	case reflect.Pointer:
		out.Set(reflect.New(t.Elem()))
		return e.into(out.Elem(), v, depth+1, callback)
	case reflect.Slice:
		if s, ok := v.(lua.LString); ok && t.Elem().Kind() == reflect.Uint8 {
			out.SetBytes([]byte(s))
			return nil
		}
	}
	if out.CanFloat() || out.CanInt() || out.CanUint() {
		f, ok := arg.ToNumber(v)
		if !ok {
			return expected(t, v)
		}
		return numberInto(out, f)
	}
	table, ok := v.(*lua.LTable)
	if !ok {
		return expected(t, v)
	}
	return e.tableInto(out, table, depth, callback)
}

var (
	anyType         = reflect.TypeFor[any]()
	luaValueType    = reflect.TypeFor[lua.LValue]()
	durationType    = reflect.TypeFor[time.Duration]()
	timeType        = reflect.TypeFor[time.Time]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func expected(t reflect.Type, v lua.LValue) *ConvertError {
	return &ConvertError{What: fmt.Sprintf("%s expected, got %s", luaTypeOf(t), v.Type())}
}

func notA(f float64, out reflect.Value) *ConvertError {
	return &ConvertError{What: fmt.Sprintf("%v doesn't fit %s", f, out.Type())}
}

// timeInto is for times, which are seconds in Lua.
func timeInto(out reflect.Value, v lua.LValue) *ConvertError {
	f, ok := arg.ToNumber(v)
	if !ok {
		return expected(out.Type(), v)
	}
	if math.IsNaN(f) || math.Abs(f) >= math.MaxInt64/float64(time.Second) {
		return notA(f, out)
	}
	if whole, part := math.Modf(f); out.Type() == timeType {
		out.Set(reflect.ValueOf(time.Unix(int64(whole), int64(part*float64(time.Second)))))
	} else {
		out.SetInt(int64(f * float64(time.Second)))
	}
	return nil
}

// textInto lets a value that reads text do so.
func textInto(out reflect.Value, s string) (done bool, failed *ConvertError) {
	if !reflect.PointerTo(out.Type()).Implements(unmarshalerType) {
		return false, nil
	}
	if err := out.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
		return true, &ConvertError{What: err.Error()}
	}
	return true, nil
}

func numberInto(out reflect.Value, f float64) *ConvertError {
	switch {
	case out.CanFloat():
		out.SetFloat(f)
		return nil
	case out.CanInt():
		if i := int64(f); f == math.Trunc(f) && math.Abs(f) < math.MaxInt64 && !out.OverflowInt(i) {
			out.SetInt(i)
			return nil
		}
	default:
		if f == math.Trunc(f) && f >= 0 && f < math.MaxUint64 && !out.OverflowUint(uint64(f)) {
			out.SetUint(uint64(f))
			return nil
		}
	}
	return notA(f, out)
}

func (e *Engine) tableInto(out reflect.Value, table *lua.LTable, depth int, callback makeFunc) *ConvertError {
	t := out.Type()
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		n := glua.Len(table)
		if t.Kind() == reflect.Slice {
			out.Set(reflect.MakeSlice(t, n, n))
		} else if n != t.Len() {
			return &ConvertError{What: fmt.Sprintf("%d values expected, got %d", t.Len(), n)}
		}
		for i := range n {
			if err := e.into(out.Index(i), glua.Item(table, i+1), depth+1, callback); err != nil {
				return err.in(step(lua.LNumber(i + 1)))
			}
		}
	case reflect.Map:
		out.Set(reflect.MakeMap(t))
		for k, v := glua.Next(table, lua.LNil); k != lua.LNil; k, v = glua.Next(table, k) {
			key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			err := e.into(key, k, depth+1, callback)
			if err == nil && !key.Comparable() {
				err = cannot("a " + k.Type().String() + " as a key")
			}
			if err == nil {
				err = e.into(value, v, depth+1, callback)
			}
			if err != nil {
				return err.in(step(k))
			}
			out.SetMapIndex(key, value)
		}
	case reflect.Struct:
		fields := e.fieldsOf(t)
		if len(fields) == 0 && t.NumField() > 0 {
			return cannot(t.String() + " (no exported fields)")
		}
		for _, f := range fields {
			v := glua.Named(table, f.name)
			if v == lua.LNil {
				continue
			}
			at, err := fieldIn(out, f.index)
			if err == nil {
				err = e.into(at, v, depth+1, callback)
			}
			if err != nil {
				return err.in("." + f.name)
			}
		}
	default:
		return &ConvertError{What: fmt.Sprintf("%s expected, got table", luaTypeOf(t))}
	}
	return nil
}

// fieldIn returns a field of a struct, or of one that is embedded by a pointer,
// which is made if there is none.
func fieldIn(v reflect.Value, index []int) (reflect.Value, *ConvertError) {
	for i, n := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					return v, cannot("a field of an embedded " + v.Type().String())
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v, nil
}

// luaTypeOf names what Lua has for values of t.
func luaTypeOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Func:
		return "function"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "string"
		}
		return "table"
	case reflect.Struct:
		if t == timeType {
			return "number"
		}
		return "table"
	case reflect.Map, reflect.Array:
		return "table"
	case reflect.Pointer:
		if t.Implements(luaValueType) {
			return t.String()
		}
		return luaTypeOf(t.Elem())
	}
	if v := reflect.Zero(t); v.CanInt() || v.CanUint() || v.CanFloat() {
		return "number"
	}
	return t.String()
}
