package tablib

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
)

// maxString is the most bytes that concat builds.
const maxString = 1 << 30

// concat is table.concat(t [, sep [, i [, j]]]). It goes over the list twice:
// to know how long the result is, then to build it.
func concat(L *lua.LState) int {
	separator := ""
	if L.Get(2) != lua.LNil {
		separator = arg.String(L, 2)
	}
	l := listOf(L)
	i, last := int(int32(arg.OptInt(L, 3, 1))), 0
	if L.Get(4) != lua.LNil {
		last = arg.Int32(L, 4)
	} else {
		last = glua.Len(l.t)
	}
	if i > last {
		L.Push(lua.LString(""))
		return 1
	}
	size := 0
	for k := i; k <= last; k++ {
		l.step()
		switch v := l.Item(k); {
		case v.IsString():
			size += len(v.String())
		case v.IsNumber():
			size += len("-1.2345678901235e+100") // at most
		default:
			arg.Raise(L, "invalid value (%s) at index %d in table for 'concat'", v.Type(), k)
		}
		if k < last {
			size += len(separator)
		}
		if size > maxString {
			arg.Raise(L, "resulting string too large")
		}
	}
	b := make([]byte, 0, size)
	for k := i; k <= last; k++ {
		l.step()
		switch v := l.Item(k); {
		case v.IsString():
			b = append(b, v.String()...)
		case v.IsNumber():
			b = numeral.Append(b, v.Float())
		}
		if k < last {
			b = append(b, separator...)
		}
	}
	L.Push(lua.LString(unsafe.String(unsafe.SliceData(b), len(b)))) // b is not used again
	return 1
}
