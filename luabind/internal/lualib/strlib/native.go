package strlib

import (
	"strings"

	"luaspawn/luabind/internal/glua"
)

func nativeLen(_ *glua.State, args, out []glua.Value) int {
	if len(args) == 0 || !args[0].IsString() {
		return -1
	}
	out[0].SetNumber(float64(len(args[0].String())))
	return 1
}

// nativeByte is for one byte.
func nativeByte(_ *glua.State, args, out []glua.Value) int {
	if len(args) == 0 || len(args) > 2 || !args[0].IsString() {
		return -1
	}
	s, i := args[0].String(), 1
	if len(args) == 2 {
		var ok bool
		if i, ok = position(&args[1], len(s)); !ok {
			return -1
		}
	}
	if i < 1 || i > len(s) {
		return -1
	}
	out[0].SetNumber(float64(s[i-1]))
	return 1
}

func (lib *library) nativeSub(_ *glua.State, args, out []glua.Value) int {
	if len(args) < 2 || !args[0].IsString() {
		return -1
	}
	s := args[0].String()
	i, ok := position(&args[1], len(s))
	j := len(s)
	if len(args) > 2 && ok {
		j, ok = position(&args[2], len(s))
	}
	if !ok {
		return -1
	}
	i, j = max(i, 1), min(j, len(s))
	switch {
	case i > j:
		return -1
	case i == j:
		out[0].Take(lib.character(s[i-1]))
	default:
		out[0] = glua.TextValue(s[i-1 : j])
	}
	return 1
}

// nativeChar is for one character.
func (lib *library) nativeChar(_ *glua.State, args, out []glua.Value) int {
	if len(args) != 1 {
		return -1
	}
	f := args[0].Float()
	if !(f >= 0 && f <= 255) || f != float64(byte(f)) {
		return -1
	}
	out[0].Take(lib.character(byte(f)))
	return 1
}

// nativeFind is for text that is found as it is.
func nativeFind(_ *glua.State, args, out []glua.Value) int {
	if len(args) < 2 || len(args) > 4 || !args[0].IsString() || !args[1].IsString() {
		return -1
	}
	s, pattern, from := args[0].String(), args[1].String(), 0
	if len(args) > 2 && !args[2].IsNil() {
		i, ok := position(&args[2], len(s))
		if !ok {
			return -1
		}
		from = min(max(i-1, 0), len(s))
	}
	if !(len(args) == 4 && args[3].Truth()) && !isPlain(pattern) {
		return -1
	}
	i := strings.Index(s[from:], pattern)
	if i < 0 {
		out[0].SetNil()
		return 1
	}
	out[0].SetNumber(float64(from + i + 1))
	out[1].SetNumber(float64(from + i + len(pattern)))
	return 2
}

// position returns the place in a string of n bytes that v names, not ok where v isn't a
// small whole number.
func position(v *glua.Value, n int) (i int, ok bool) {
	f := v.Float()
	i = int(f)
	if float64(i) != f || i != int(int32(i)) {
		return 0, false
	}
	return fromEnd(int64(i), n), true
}
