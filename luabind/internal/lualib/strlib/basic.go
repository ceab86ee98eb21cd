package strlib

import (
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
)

// fromEnd turns a position that counts from the end of n bytes, a negative one,
// into one that counts from the beginning; 0 is before it.
func fromEnd(i int64, n int) int {
	if i < 0 {
		i += int64(n) + 1
	}
	return int(max(i, 0))
}

func tooLarge(L *lua.LState) { arg.Raise(L, "resulting string too large") }

// sub is string.sub(s, i [, j]).
func (lib *library) sub(L *lua.LState) int {
	s := arg.String(L, 1)
	i := max(fromEnd(arg.Int(L, 2), len(s)), 1)
	j := min(fromEnd(arg.OptInt(L, 3, -1), len(s)), len(s))
	switch {
	case i > j:
		L.Push(lua.LString(""))
	case i == j:
		L.Push(lib.character(s[i-1]))
	default:
		L.Push(lua.LString(s[i-1 : j]))
	}
	return 1
}

// singles keeps a value for each byte: making one of a number or a string
// allocates, and loops over the characters of a string make many.
type singles struct{ numbers, characters [256]lua.LValue }

func (lib *library) known() *singles {
	if lib.singles == nil { // most engines are short-lived, and it is large
		lib.singles = new(singles)
	}
	return lib.singles
}

func (lib *library) number(c byte) lua.LValue {
	k := lib.known()
	if k.numbers[c] == nil {
		k.numbers[c] = lua.LNumber(c)
	}
	return k.numbers[c]
}

func (lib *library) character(c byte) lua.LValue {
	k := lib.known()
	if k.characters[c] == nil {
		k.characters[c] = lua.LString([]byte{c})
	}
	return k.characters[c]
}

// maxValues is how many values a C function of PUC Lua may have on its stack.
const maxValues = 8000

// byteAt is string.byte(s [, i [, j]]).
func (lib *library) byteAt(L *lua.LState) int {
	s := arg.String(L, 1)
	i := fromEnd(arg.OptInt(L, 2, 1), len(s))
	j := min(fromEnd(arg.OptInt(L, 3, int64(i)), len(s)), len(s))
	i = max(i, 1)
	if i > j {
		return 0
	}
	n := j - i + 1
	if L.GetTop()+n > maxValues {
		arg.Raise(L, "stack overflow (string slice too long)")
	}
	for k := i - 1; k < j; k++ {
		L.Push(lib.number(s[k]))
	}
	return n
}

// char is string.char(...).
func char(L *lua.LState) int {
	b := make([]byte, L.GetTop())
	for i := range b {
		c := int32(arg.Int(L, i+1))
		if c < 0 || c > 255 {
			arg.Error(L, i+1, "invalid value")
		}
		b[i] = byte(c)
	}
	L.Push(lua.LString(b))
	return 1
}

// length is string.len(s).
func length(L *lua.LState) int {
	L.Push(lua.LNumber(len(arg.String(L, 1))))
	return 1
}

// lower is string.lower(s), in the C locale.
func lower(L *lua.LState) int {
	return mapped(L, func(to []byte, s string) {
		for i := range len(s) {
			to[i] = s[i]
			if isUpper(s[i]) {
				to[i] ^= 0x20
			}
		}
	})
}

// upper is string.upper(s), in the C locale.
func upper(L *lua.LState) int {
	return mapped(L, func(to []byte, s string) {
		for i := range len(s) {
			to[i] = s[i]
			if isLower(s[i]) {
				to[i] ^= 0x20
			}
		}
	})
}

// mapped pushes a string of bytes that f writes for those of the first argument.
func mapped(L *lua.LState, f func(to []byte, s string)) int {
	s := arg.String(L, 1)
	b := make([]byte, len(s))
	for i := 0; i < len(s); i += piece {
		end := min(i+piece, len(s))
		f(b[i:end], s[i:end])
		look(L, len(s))
	}
	L.Push(lua.LString(unsafe.String(unsafe.SliceData(b), len(b)))) // nobody else has b
	return 1
}

// piece is how many bytes are written between two looks at the context.
const piece = 1 << 22

// look ends a function that writes long strings if the context has ended.
func look(L *lua.LState, size int) {
	if size <= piece {
		return
	}
	if ctx := L.Context(); ctx != nil {
		if err := ctx.Err(); err != nil {
			arg.Raise(L, "%s", err)
		}
	}
}

// rep is string.rep(s, n).
func rep(L *lua.LState) int {
	s := arg.String(L, 1)
	n := arg.Number(L, 2)
	if !(n >= 1) || s == "" {
		L.Push(lua.LString(""))
		return 1
	}
	if n > float64(maxString/len(s)) {
		tooLarge(L)
	}
	size := len(s) * int(n)
	b := make([]byte, size)
	whole := max(piece/len(s), 1) * len(s)
	for done := copy(b, s); done < size; {
		done += copy(b[done:], b[:min(done, whole)])
		look(L, size)
	}
	L.Push(lua.LString(unsafe.String(unsafe.SliceData(b), size))) // nobody else has b
	return 1
}

// reverse is string.reverse(s).
func reverse(L *lua.LState) int {
	s := arg.String(L, 1)
	b := make([]byte, len(s))
	for i := range b {
		b[i] = s[len(s)-1-i]
		if i%piece == piece-1 {
			look(L, len(s))
		}
	}
	L.Push(lua.LString(unsafe.String(unsafe.SliceData(b), len(b)))) // nobody else has b
	return 1
}
