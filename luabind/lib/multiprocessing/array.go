package multiprocessing

import (
	"context"
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
	"luaspawn/luabind/internal/scarce"
	"luaspawn/luabind/internal/vm"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc/ipc"
)

// An array is an Array, or a Value, which is an array of one number.
type array struct {
	*ipc.Array
	name string
}

func (a *array) typeName() string { return a.name }

func (a *array) acquire(ctx context.Context, timeout time.Duration) (ipc.Acquired, error) {
	return a.Acquire(ctx, timeout)
}
func (a *array) release(ctx context.Context) error    { return a.Release(ctx) }
func (a *array) locked(context.Context) (bool, error) { return a.Locked() }

func (a *array) subject() subject { return subject{why: trace.ForLock, what: a.name, of: a.Array} }

func (a *array) Pack() (luabind.Parcel, error) {
	files, err := scarce.Retry(nil, a.Files)
	return luabind.Parcel{Kind: a.name, Files: files}, err
}

func (lib *sharing) openArray(L *lua.LState, module *lua.LTable) {
	for _, name := range []string{"Value", "Array"} {
		methods := lib.turns(func(L *lua.LState) locker { return check[*array](L, 1, name) })
		methods["get_lock"] = func(L *lua.LState) int {
			check[*array](L, 1, name)
			lib.push(L, &lock{lib: lib, name: "RLock", of: L.Get(1).(*lua.LUserData)})
			return 1
		}
		lib.newType(L, name, methods)
		lib.unpacker(name, func(p luabind.Parcel) (sharedObject, error) {
			own, err := ipc.OpenArray(p.Files)
			if err != nil {
				return nil, err
			}
			return lib.newArray(name, own), nil
		})
	}

	value := lib.metas["Value"]
	lib.addFields(L, value, func(L *lua.LState, field string) lua.LValue {
		if field != "value" {
			return nil
		}
		return lib.get(L, check[*array](L, 1, "Value"), 0)
	})
	glua.SetFuncs(L, value, functions{"__newindex": func(L *lua.LState) int {
		a := check[*array](L, 1, "Value")
		if L.Get(2) != lua.LString("value") {
			lib.raise(L, "ValueError", fmt.Sprintf("a Value has no field '%s'", L.Get(2)))
		}
		lib.set(L, a, 0, L.Get(3), "value")
		return 0
	}})
	lib.constructor(L, module, "Value", func(L *lua.LState) (sharedObject, error) {
		own, err := ipc.NewArray(typeCode(L), 1)
		if err != nil {
			return nil, err
		}
		a := lib.newArray("Value", own)
		if L.Get(2) != lua.LNil {
			lib.set(L, a, 0, L.Get(2), "value")
		}
		return a, nil
	})

	meta := lib.metas["Array"]
	methods := glua.Named(meta, "__index").(*lua.LTable)
	glua.SetNamed(meta, "__index", L.NewClosure(func(L *lua.LState) int {
		a := check[*array](L, 1, "Array")
		if _, ok := L.Get(2).(lua.LNumber); ok {
			L.Push(lib.get(L, a, lib.index(L, a)))
		} else {
			L.Push(glua.Get(methods, L.Get(2)))
		}
		return 1
	}, methods))
	glua.SetFuncs(L, meta, functions{
		"__newindex": func(L *lua.LState) int {
			a := check[*array](L, 1, "Array")
			lib.set(L, a, lib.index(L, a), L.Get(3), fmt.Sprintf("item %s", L.Get(2)))
			return 0
		},
		"__len": func(L *lua.LState) int {
			L.Push(lua.LNumber(check[*array](L, 1, "Array").Len()))
			return 1
		},
	})
	lib.constructor(L, module, "Array", lib.makeArray)
}

func (lib *sharing) newArray(name string, own *ipc.Array) *array {
	a := &array{Array: own, name: name}
	keep(lib, a, own)
	return a
}

// makeArray is Array(type, n or list).
func (lib *sharing) makeArray(L *lua.LState) (sharedObject, error) {
	code := typeCode(L)
	var list *lua.LTable
	n := 0
	switch v := L.Get(2).(type) {
	case *lua.LTable:
		list, n = v, glua.Len(v)
	case lua.LString:
		if code != 'c' {
			arg.TypeError(L, 2, "number or table")
		}
		list = glua.NewTable(0, 0)
		for _, c := range []byte(v) {
			glua.Append(list, lua.LString([]byte{c}))
		}
		n = len(v)
	case lua.LNumber:
		n = optCount(L, 2, 0, 0)
	default:
		arg.TypeError(L, 2, "number or table")
	}
	own, err := ipc.NewArray(code, n)
	if err != nil {
		return nil, err
	}
	a := lib.newArray("Array", own)
	for i := 1; list != nil && i <= n; i++ {
		lib.set(L, a, i-1, glua.Item(list, i), fmt.Sprintf("item %d", i))
	}
	return a, nil
}

// typeCode reads the name of a C type.
func typeCode(L *lua.LState) byte {
	s := arg.String(L, 1)
	if len(s) != 1 || !strings.Contains(ipc.Codes, s) {
		arg.Error(L, 1, fmt.Sprintf("no type '%s': want one of %s", s, ipc.Codes))
	}
	return s[0]
}

// index reads argument 2, from 1 to the length.
func (lib *sharing) index(L *lua.LState, a *array) int {
	i, ok := L.Get(2).(lua.LNumber)
	if !ok || i != lua.LNumber(int(i)) || i < 1 || int(i) > a.Len() {
		lib.raise(L, "IndexError", fmt.Sprintf("array index %s out of range 1 to %d", vm.ToString(L, L.Get(2)), a.Len()))
	}
	return int(i) - 1
}

func (lib *sharing) get(L *lua.LState, a *array, i int) lua.LValue {
	v, err := a.Get(i)
	lib.fail(L, err)
	if a.Code() == 'c' {
		return lua.LString([]byte{byte(v)})
	}
	return lua.LNumber(v)
}

// set sets a number. what is its name in errors.
func (lib *sharing) set(L *lua.LState, a *array, i int, v lua.LValue, what string) {
	var number float64
	switch v := v.(type) {
	case lua.LNumber:
		if a.Code() != 'c' {
			number = float64(v)
			break
		}
		lib.raise(L, "ValueError", fmt.Sprintf("%s: type 'c' holds one character, not a number", what))
	case lua.LString:
		if a.Code() == 'c' && len(v) == 1 {
			number = float64(v[0])
			break
		}
		lib.raise(L, "ValueError", fmt.Sprintf("%s: type '%c' doesn't hold %q", what, a.Code(), string(v)))
	default:
		lib.raise(L, "ValueError", fmt.Sprintf("%s: type '%c' doesn't hold a %s", what, a.Code(), v.Type()))
	}
	if err := a.Check(number); err != nil {
		lib.raise(L, "ValueError", fmt.Sprintf("%s: number out of range: type '%c' doesn't hold %s", what, a.Code(), numeral.Format(lua.LNumber(number))))
	}
	lib.fail(L, a.Set(i, number))
}
