package luabind

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// toLua converts v, whose name in errors is way.
func (e *Engine) toLua(way string, v any) (lua.LValue, error) {
	if plain, ok := plainToLua(v); ok {
		return plain, nil
	}
	out, err := (&toLua{engine: e, seen: map[visit]lua.LValue{}}).convert(way, v)
	if err != nil { // again, and note the way
		out, err = (&toLua{engine: e, seen: map[visit]lua.LValue{}, ways: true}).convert(way, v)
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
		return v, true
	}
	return nil, false
}

// toLua is one conversion of a Go value.
type toLua struct {
	engine *Engine
	seen   map[visit]lua.LValue
	todo   []func() // fills the tables that were made
	ways   bool     // whether to keep the way to each value, for the error
	err    error
}

func (c *toLua) convert(way string, v any) (lua.LValue, error) {
	out := c.value(way, reflect.ValueOf(v))
	for len(c.todo) > 0 && c.err == nil { // a loop, so that depth costs no stack
		last := len(c.todo) - 1
		fill := c.todo[last]
		c.todo = c.todo[:last]
		fill()
	}
	return out, c.err
}

// at returns the way to a part of what is at way. Of a long one the end is kept.
func (c *toLua) at(way, format string, part any) string {
	if !c.ways {
		return ""
	}
	const longest = 200
	way += fmt.Sprintf(format, part)
	if len(way) > longest {
		way = "..." + way[len(way)-longest:]
	}
	return way
}

// visit identifies what a Go value refers to.
type visit struct {
	pointer uintptr
	length  int // two slices of one array differ
	kind    reflect.Type
}

func (c *toLua) refuse(way, what string) lua.LValue {
	if c.err == nil {
		c.err = &CrossError{way, what}
	}
	return lua.LNil
}

var errorType = reflect.TypeFor[error]()

func (c *toLua) value(way string, v reflect.Value) lua.LValue {
	for v.IsValid() && v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	if !v.IsValid() {
		return lua.LNil
	}
	if v.CanInterface() {
		if plain, ok := plainToLua(v.Interface()); ok {
			return plain
		}
		if v.Type().Implements(errorType) && !isNil(v) {
			return c.engine.errorValue(v.Interface().(error))
		}
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
		f, err := c.engine.function(way, v)
		if err != nil {
			return c.refuse(way, v.Type().String())
		}
		return f
	case reflect.Pointer:
		return c.once(v, 0, func(t *lua.LTable) { c.fields(way, v.Elem(), t) }, way)
	case reflect.Struct:
		t := c.engine.state.NewTable()
		c.todo = append(c.todo, func() { c.fields(way, v, t) })
		return t
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return lua.LString(v.Bytes())
		}
		return c.once(v, v.Len(), func(t *lua.LTable) { c.items(way, v, t) }, way)
	case reflect.Array:
		t := c.engine.state.CreateTable(v.Len(), 0)
		c.todo = append(c.todo, func() { c.items(way, v, t) })
		return t
	case reflect.Map:
		return c.once(v, 0, func(t *lua.LTable) { c.entries(way, v, t) }, way)
	default:
		return c.refuse(way, v.Type().String())
	}
}

// once makes one table of what may be reached more than once.
func (c *toLua) once(v reflect.Value, length int, fill func(*lua.LTable), way string) lua.LValue {
	if v.Kind() == reflect.Pointer && v.Elem().Kind() != reflect.Struct {
		return c.value(way, v.Elem())
	}
	id := visit{v.Pointer(), length, v.Type()}
	if t, ok := c.seen[id]; ok {
		return t
	}
	t := c.engine.state.CreateTable(length, 0)
	c.seen[id] = t
	c.todo = append(c.todo, func() { fill(t) })
	return t
}

func (c *toLua) items(way string, v reflect.Value, t *lua.LTable) {
	for i := range v.Len() {
		t.RawSetInt(i+1, c.value(c.at(way, "[%d]", i), v.Index(i)))
	}
}

func (c *toLua) entries(way string, v reflect.Value, t *lua.LTable) {
	for it := v.MapRange(); it.Next(); {
		at := c.at(way, "[%v]", it.Key())
		k := c.value(at, it.Key())
		if n, ok := k.(lua.LNumber); k == lua.LNil || ok && math.IsNaN(float64(n)) {
			c.refuse(at, "a key that is nil or not a number")
			return
		}
		t.RawSet(k, c.value(at, it.Value()))
	}
}

func (c *toLua) fields(way string, v reflect.Value, t *lua.LTable) {
	for _, f := range reflect.VisibleFields(v.Type()) {
		if name, ok := fieldName(f); ok {
			if at, err := v.FieldByIndexErr(f.Index); err == nil { // else of a nil embedded struct
				t.RawSetString(name, c.value(c.at(way, ".%s", f.Name), at))
			}
		}
	}
}

// fieldName returns the name of a struct's field in Lua.
func fieldName(f reflect.StructField) (string, bool) {
	tag, _, _ := strings.Cut(f.Tag.Get("lua"), ",")
	if !f.IsExported() || tag == "-" || f.Anonymous && tag == "" {
		return "", false
	}
	if tag != "" {
		return tag, true
	}
	return f.Name, true
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
	return &lua.LUserData{Value: err, Env: e.state.G.Global, Metatable: e.state.GetTypeMetatable(errorClass)}
}

const errorClass = "luabind.error"

// openErrors enters the metatable of Go errors.
func (e *Engine) openErrors() {
	metatable := e.state.CreateTable(0, 1)
	metatable.RawSetString("__tostring", e.state.NewFunction(func(L *lua.LState) int {
		err, ok := L.CheckUserData(1).Value.(error)
		if !ok {
			L.ArgError(1, "error expected")
		}
		L.Push(lua.LString(err.Error()))
		return 1
	}))
	e.state.G.Registry.RawSetString(errorClass, metatable)
}
