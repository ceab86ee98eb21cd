package luabind

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// toLua converts v.
func (e *Engine) toLua(v any) (lua.LValue, *ConvertError) {
	if plain, ok := plainToLua(v); ok {
		return plain, nil
	}
	return e.reflected(reflect.ValueOf(v))
}

func (e *Engine) reflected(v reflect.Value) (lua.LValue, *ConvertError) {
	out, err := (&toLua{engine: e, seen: map[visit]lua.LValue{}}).convert(v)
	if err != nil { // again, and note the path
		out, err = (&toLua{engine: e, seen: map[visit]lua.LValue{}, paths: true}).convert(v)
	}
	return out, err
}

// plainToLua converts what takes no reflection.
func plainToLua(v any) (lua.LValue, bool) {
	switch v := v.(type) {
	case nil:
		return lua.LNil, true
	case bool:
		return lua.LBool(v), true
	case int:
		return lua.LNumber(v), true
	case float64:
		return lua.LNumber(v), true
	case string:
		return lua.LString(v), true
	case []byte:
		return lua.LString(v), true
	case time.Duration:
		return lua.LNumber(v.Seconds()), true
	case lua.LValue:
		return v, !isNil(reflect.ValueOf(v))
	}
	return nil, false
}

// toLua is one conversion of a Go value.
type toLua struct {
	engine *Engine
	seen   map[visit]lua.LValue
	todo   []func() // fills the tables that were made
	paths  bool     // whether to keep the path to each value, for the error
	err    *ConvertError
}

func (c *toLua) convert(v reflect.Value) (lua.LValue, *ConvertError) {
	out := c.value("", v)
	for len(c.todo) > 0 && c.err == nil { // a loop, so that depth costs no stack
		last := len(c.todo) - 1
		fill := c.todo[last]
		c.todo = c.todo[:last]
		fill()
	}
	return out, c.err
}

// at returns the path to a part of what is at path.
func (c *toLua) at(path, format string, part any) string {
	if !c.paths {
		return ""
	}
	return joinPath(path, fmt.Sprintf(format, part))
}

// visit identifies what a Go value refers to.
type visit struct {
	pointer uintptr
	length  int // two slices of one array differ
	kind    reflect.Type
}

func (c *toLua) refuse(path, what string) lua.LValue {
	if c.err == nil {
		c.err = cannot(what).in(path)
	}
	return lua.LNil
}

var errorType = reflect.TypeFor[error]()

func (c *toLua) value(path string, v reflect.Value) lua.LValue {
	v, ok := behind(v)
	if !ok {
		return c.refuse(path, "a pointer to itself")
	}
	if !v.IsValid() {
		return lua.LNil
	}
	if special, ok := c.special(path, v); ok {
		return special
	}
	switch v.Kind() {
	case reflect.Bool:
		return lua.LBool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return lua.LNumber(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return lua.LNumber(v.Uint())
	case reflect.Float32, reflect.Float64:
		return lua.LNumber(v.Float())
	case reflect.String:
		return lua.LString(v.String())
	}
	if isNil(v) {
		return lua.LNil
	}
	switch v.Kind() {
	case reflect.Func:
		f, ok := c.engine.function(v)
		if !ok {
			return c.refuse(path, v.Type().String())
		}
		return f
	case reflect.Pointer: // to a struct
		return c.once(v, 0, func(t *lua.LTable) { c.fields(path, v.Elem(), t) })
	case reflect.Struct:
		t := glua.NewTable(0, v.NumField())
		c.todo = append(c.todo, func() { c.fields(path, v, t) })
		return t
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return lua.LString(v.Bytes())
		}
		return c.once(v, v.Len(), func(t *lua.LTable) { c.items(path, v, t) })
	case reflect.Array:
		t := glua.NewTable(v.Len(), 0)
		c.todo = append(c.todo, func() { c.items(path, v, t) })
		return t
	case reflect.Map:
		return c.once(v, 0, func(t *lua.LTable) { c.entries(path, v, t) })
	default:
		return c.refuse(path, v.Type().String())
	}
}

// behind follows interfaces and pointers, as far as to a struct. It is false for
// those that lead to themselves.
func behind(v reflect.Value) (end reflect.Value, ok bool) {
	const longest = 1000
	for range longest {
		switch v.Kind() {
		case reflect.Interface:
			v = v.Elem()
		case reflect.Pointer:
			if v.IsNil() || v.Type().Elem().Kind() == reflect.Struct || v.Type().Implements(luaValueType) || v.Type().Implements(errorType) {
				return v, true
			}
			v = v.Elem()
		default:
			return v, true
		}
	}
	return v, false
}

// special converts those values whose type says more than its kind.
func (c *toLua) special(path string, v reflect.Value) (lua.LValue, bool) {
	if !v.CanInterface() {
		return nil, false
	}
	x := v.Interface()
	if plain, ok := plainToLua(x); ok {
		return plain, true
	}
	if v.NumMethod() == 0 || isNil(v) {
		return nil, false
	}
	switch x := x.(type) {
	case time.Time:
		return lua.LNumber(float64(x.Unix()) + float64(x.Nanosecond())/1e9), true
	case *time.Time:
		return c.value(path, v.Elem()), true
	case error:
		return c.engine.errorValue(x), true
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return c.refuse(path, fmt.Sprintf("%s (%v)", v.Type(), err)), true
		}
		return lua.LString(text), true
	}
	return nil, false
}

// once makes one table of what may be reached more than once.
func (c *toLua) once(v reflect.Value, length int, fill func(*lua.LTable)) lua.LValue {
	t := glua.NewTable(length, 0)
	if v.Kind() != reflect.Slice || length > 0 { // empty slices are no one's in particular
		id := visit{v.Pointer(), length, v.Type()}
		if seen, ok := c.seen[id]; ok {
			return seen
		}
		c.seen[id] = t
	}
	c.todo = append(c.todo, func() { fill(t) })
	return t
}

func (c *toLua) items(path string, v reflect.Value, t *lua.LTable) {
	for i := range v.Len() {
		glua.SetItem(t, i+1, c.value(c.at(path, "[%d]", i), v.Index(i)))
	}
}

func (c *toLua) entries(path string, v reflect.Value, t *lua.LTable) {
	for it := v.MapRange(); it.Next(); {
		at := c.at(path, "[%v]", it.Key())
		k := c.value(at, it.Key())
		if n, ok := k.(lua.LNumber); k == lua.LNil || ok && math.IsNaN(float64(n)) {
			c.refuse(at, "a key that is nil or not a number")
			return
		}
		glua.Set(t, k, c.value(at, it.Value()))
	}
}

func (c *toLua) fields(path string, v reflect.Value, t *lua.LTable) {
	fields := c.engine.fieldsOf(v.Type())
	if len(fields) == 0 && v.NumField() > 0 {
		c.refuse(path, v.Type().String()+" (no exported fields)")
		return
	}
	for _, f := range fields {
		if at, err := v.FieldByIndexErr(f.index); err == nil { // else of a nil embedded struct
			glua.SetNamed(t, f.name, c.value(c.at(path, ".%s", f.name), at))
		}
	}
}

func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		return v.IsNil()
	}
	return false
}

// errorValue makes the userdata that stands for a Go error.
func (e *Engine) errorValue(err error) lua.LValue {
	return &lua.LUserData{Value: err, Env: e.state.G.Global, Metatable: glua.Named(e.state.G.Registry, errorClass)}
}

const errorClass = "luabind.error"

// openErrors enters the metatable of Go errors.
func (e *Engine) openErrors() {
	metatable := glua.NewTable(0, 1)
	glua.SetNamed(metatable, "__tostring", e.state.NewFunction(func(L *lua.LState) int {
		err, ok := L.CheckUserData(1).Value.(error)
		if !ok {
			L.ArgError(1, "error expected")
		}
		L.Push(lua.LString(err.Error()))
		return 1
	}))
	glua.SetNamed(e.state.G.Registry, errorClass, metatable)
}
