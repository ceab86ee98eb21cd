package luabind

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"time"

	lua "github.com/yuin/gopher-lua"
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
func (e *Engine) toGo(way string, v lua.LValue) (any, error) {
	c := &toGo{engine: e, seen: map[*lua.LTable]any{}}
	out := c.value(v)
	for len(c.todo) > 0 && c.err == nil {
		last := len(c.todo) - 1
		t := c.todo[last]
		c.todo = c.todo[:last]
		c.fill(t)
	}
	if c.err != nil {
		return nil, &CrossError{way, c.err.Error()}
	}
	return out, nil
}

type toGo struct {
	engine *Engine
	seen   map[*lua.LTable]any
	todo   []*lua.LTable
	err    error
}

func (c *toGo) value(v lua.LValue) any {
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
		if n := v.MaxN(); n > 0 && isList(v, n) {
			x = make([]any, n)
		}
		c.seen[v] = x
		c.todo = append(c.todo, v)
		return x
	default:
		c.err = fmt.Errorf("a %s", v.Type())
		return nil
	}
}

// isList says whether the keys of t are 1..n.
func isList(t *lua.LTable, n int) bool {
	for i := 1; i <= n; i++ {
		if t.RawGetInt(i) == lua.LNil {
			return false
		}
	}
	k, _ := t.Next(lua.LNumber(n))
	return k == lua.LNil
}

func (c *toGo) fill(t *lua.LTable) {
	switch x := c.seen[t].(type) {
	case []any:
		for i := range x {
			x[i] = c.value(t.RawGetInt(i + 1))
		}
	case map[any]any:
		for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
			key := c.value(k)
			if key != nil && !reflect.TypeOf(key).Comparable() {
				c.err = fmt.Errorf("a %s as a key", k.Type())
				return
			}
			x[key] = c.value(v)
		}
	}
}

func (e *Engine) goFunc(f *lua.LFunction) Func {
	return func(ctx context.Context, args ...any) ([]any, error) { return e.callValue(ctx, "function", f, args) }
}

// maxDepth is how deep a value may be nested that goes into a Go type of its own.
const maxDepth = 10000

// into converts v to a value of type t, for an argument of a Go function.
func (e *Engine) into(way string, v lua.LValue, t reflect.Type, depth int) (reflect.Value, error) {
	bad := func() (reflect.Value, error) {
		return reflect.Value{}, &CrossError{way, fmt.Sprintf("%s expected, got %s", luaTypeOf(t), v.Type())}
	}
	if depth > maxDepth {
		return reflect.Value{}, &CrossError{way, "a value so deep"}
	}
	if reflect.TypeOf(v).AssignableTo(t) && t.Kind() != reflect.Interface || t == reflect.TypeFor[lua.LValue]() {
		return reflect.ValueOf(v), nil
	}
	if ud, ok := v.(*lua.LUserData); ok && ud.Value != nil && reflect.TypeOf(ud.Value).AssignableTo(t) {
		return reflect.ValueOf(ud.Value), nil
	}
	if v == lua.LNil {
		switch t.Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func:
			return reflect.Zero(t), nil
		}
		return bad()
	}
	out := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Interface:
		x, err := e.toGo(way, v)
		if err != nil {
			return out, err
		}
		if !reflect.TypeOf(x).AssignableTo(t) {
			return bad()
		}
		out.Set(reflect.ValueOf(x))
		return out, nil
	case reflect.Bool:
		out.SetBool(lua.LVAsBool(v))
		return out, nil
	case reflect.String:
		if !lua.LVCanConvToString(v) {
			return bad()
		}
		out.SetString(v.String())
		return out, nil
	case reflect.Func:
		f, ok := v.(*lua.LFunction)
		if !ok || !reflect.TypeFor[Func]().ConvertibleTo(t) {
			return bad()
		}
		return reflect.ValueOf(e.goFunc(f)).Convert(t), nil
	case reflect.Pointer:
		x, err := e.into(way, v, t.Elem(), depth+1)
		if err != nil {
			return out, err
		}
		p := reflect.New(t.Elem())
		p.Elem().Set(x)
		return p, nil
	}
	if n, ok := v.(lua.LNumber); ok {
		return numberInto(way, float64(n), out)
	}
	if s, ok := v.(lua.LString); ok {
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
			out.SetBytes([]byte(s))
			return out, nil
		}
		return bad() // not the number that it may look like: Go is strict
	}
	table, ok := v.(*lua.LTable)
	if !ok {
		return bad()
	}
	return e.tableInto(way, table, out, depth)
}

func numberInto(way string, f float64, out reflect.Value) (reflect.Value, error) {
	t := out.Type()
	refuse := func() (reflect.Value, error) {
		return out, &CrossError{way, fmt.Sprintf("%v as %s", f, t)}
	}
	switch {
	case t == reflect.TypeFor[time.Duration]():
		d := f * float64(time.Second)
		if math.IsNaN(d) || math.Abs(d) >= math.MaxInt64 {
			return refuse()
		}
		out.SetInt(int64(d))
	case out.CanFloat():
		out.SetFloat(f)
	case out.CanInt():
		if f != math.Trunc(f) || math.Abs(f) >= math.MaxInt64 || out.OverflowInt(int64(f)) {
			return refuse()
		}
		out.SetInt(int64(f))
	case out.CanUint():
		if f != math.Trunc(f) || f < 0 || f >= math.MaxUint64 || out.OverflowUint(uint64(f)) {
			return refuse()
		}
		out.SetUint(uint64(f))
	default:
		return out, &CrossError{way, fmt.Sprintf("%s expected, got number", luaTypeOf(t))}
	}
	return out, nil
}

func (e *Engine) tableInto(way string, table *lua.LTable, out reflect.Value, depth int) (reflect.Value, error) {
	t := out.Type()
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		n := table.Len()
		if t.Kind() == reflect.Slice {
			out.Set(reflect.MakeSlice(t, n, n))
		} else if n != t.Len() {
			return out, &CrossError{way, fmt.Sprintf("%d values as %s", n, t)}
		}
		for i := range n {
			x, err := e.into(fmt.Sprintf("%s[%d]", way, i+1), table.RawGetInt(i+1), t.Elem(), depth+1)
			if err != nil {
				return out, err
			}
			out.Index(i).Set(x)
		}
	case reflect.Map:
		out.Set(reflect.MakeMap(t))
		for k, v := table.Next(lua.LNil); k != lua.LNil; k, v = table.Next(k) {
			at := fmt.Sprintf("%s[%s]", way, k)
			key, err := e.into(at, k, t.Key(), depth+1)
			if err != nil {
				return out, err
			}
			x, err := e.into(at, v, t.Elem(), depth+1)
			if err != nil {
				return out, err
			}
			out.SetMapIndex(key, x)
		}
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			name, ok := fieldName(f)
			v := table.RawGetString(name)
			if !ok || v == lua.LNil {
				continue
			}
			x, err := e.into(way+"."+name, v, f.Type, depth+1)
			if err != nil {
				return out, err
			}
			at, err := out.FieldByIndexErr(f.Index)
			if err != nil {
				return out, &CrossError{way + "." + name, "a field of an embedded pointer"}
			}
			at.Set(x)
		}
	default:
		return out, &CrossError{way, fmt.Sprintf("%s expected, got table", luaTypeOf(t))}
	}
	return out, nil
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
	case reflect.Struct, reflect.Map, reflect.Array:
		return "table"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "string"
		}
		return "table"
	case reflect.Pointer:
		return luaTypeOf(t.Elem())
	case reflect.Interface:
		return t.String()
	}
	if reflect.New(t).Elem().CanInt() || reflect.New(t).Elem().CanUint() || reflect.New(t).Elem().CanFloat() {
		return "number"
	}
	return t.String()
}
