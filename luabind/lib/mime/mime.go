// Package mime has the Lua modules "mime.core", "mime" and "ltn12", with the names and results of LuaSocket's.
//
// mime.core is in Go: each function turns what it can of a text, and gives back what it must see
// the end of first, for the next call. LuaSocket's own mime.lua and ltn12.lua stand on it where they are
// installed; else the two here, which are written in Lua, so that the filters and pumps that they make can
// travel to other processes.
package mime

import (
	_ "embed"
	"encoding/base64"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
)

// Modules are the modules of this package.
var Modules = []luabind.Module{
	{Name: "mime.core", Open: openCore, OnDemand: true, Manual: coreManual},
	{Name: "mime", Source: source, Manual: manual},
	{Name: "ltn12", Source: ltn12Source, Manual: ltn12Manual},
}

var (
	//go:embed lua/mime.lua
	source string
	//go:embed lua/ltn12.lua
	ltn12Source string
	//go:embed stub_core.lua
	coreManual string
	//go:embed stub.lua
	manual string
	//go:embed stub_ltn12.lua
	ltn12Manual string
)

const crlf = "\r\n"

func openCore(h *luabind.Host) (lua.LValue, error) {
	t := glua.NewFunctions(inside.State(h), map[string]lua.LGFunction{
		"b64":   func(L *lua.LState) int { return pieces(L, encode64, pad64) },
		"unb64": func(L *lua.LState) int { return pieces(L, decode64, drop) },
		"qp":    quoted,
		"unqp":  func(L *lua.LState) int { return pieces(L, unquote, drop) },
		"wrp":   wrap,
		"qpwrp": wrapQuoted,
		"eol":   normalize,
		"dot":   stuff,
	}, 1)
	glua.SetNamed(t, "_VERSION", lua.LString("MIME 1.0.3"))
	return t, nil
}

// text returns argument n; ok: there is one.
func text(L *lua.LState, n int) (s string, ok bool) {
	if L.Get(n) == lua.LNil {
		return "", false
	}
	return arg.String(L, n), true
}

// pieces is f(a [, b]): it returns what turn makes of a..b, and what of that is still to be
// taken. Without b it is the end: finish appends what becomes of the rest.
func pieces(L *lua.LState, turn func(out []byte, s string) ([]byte, string), finish func(out []byte, rest string) []byte) int {
	a, ok := text(L, 1)
	if !ok {
		L.Push(lua.LNil)
		L.Push(lua.LNil)
		return 2
	}
	b, more := text(L, 2)
	out, rest := turn(nil, a+b)
	if more {
		L.Push(lua.LString(out))
		L.Push(lua.LString(rest))
		return 2
	}
	if out = finish(out, rest); len(out) == 0 {
		L.Push(lua.LNil)
	} else {
		L.Push(lua.LString(out))
	}
	L.Push(lua.LNil)
	return 2
}

func drop(out []byte, _ string) []byte { return out }

func encode64(out []byte, s string) ([]byte, string) {
	whole := len(s) / 3 * 3
	return base64.StdEncoding.AppendEncode(out, []byte(s[:whole])), s[whole:]
}

func pad64(out []byte, rest string) []byte {
	return base64.StdEncoding.AppendEncode(out, []byte(rest))
}

// decode64 leaves out what is no digit. An = is a zero, and ends its group of four.
func decode64(out []byte, s string) ([]byte, string) {
	group := make([]byte, 0, 4)
	value := 0
	for i := range len(s) {
		digit := 0
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z':
			digit = int(c - 'A')
		case 'a' <= c && c <= 'z':
			digit = int(c-'a') + 26
		case '0' <= c && c <= '9':
			digit = int(c-'0') + 52
		case c == '+':
			digit = 62
		case c == '/':
			digit = 63
		case c != '=':
			continue
		}
		group, value = append(group, s[i]), value<<6|digit
		if len(group) < 4 {
			continue
		}
		n := 3
		switch {
		case group[2] == '=':
			n = 1
		case group[3] == '=':
			n = 2
		}
		out = append(out, []byte{byte(value >> 16), byte(value >> 8), byte(value)}[:n]...)
		group, value = group[:0], 0
	}
	return out, string(group)
}

// quoted is mime.qp(a [, b [, marker]]).
func quoted(L *lua.LState) int {
	marker := crlf
	if s, ok := text(L, 3); ok {
		marker = s
	}
	return pieces(L, func(out []byte, s string) ([]byte, string) {
		for ; s != ""; s = s[1:] {
			switch c := s[0]; {
			case c == '\r' && len(s) < 2, (c == ' ' || c == '\t') && len(s) < 3:
				return out, s // what comes next decides
			case c == '\r' && s[1] == '\n':
				out = append(out, marker...)
				s = s[1:]
			case (c == ' ' || c == '\t') && s[1:3] == crlf:
				out = append(hex(out, c), marker...)
				s = s[2:]
			case plain(c) || c == ' ' || c == '\t':
				out = append(out, c)
			default:
				out = hex(out, c)
			}
		}
		return out, ""
	}, func(out []byte, rest string) []byte {
		for _, c := range []byte(rest) {
			if plain(c) {
				out = append(out, c)
			} else {
				out = hex(out, c)
			}
		}
		if rest != "" {
			out = append(out, "="+crlf...)
		}
		return out
	})
}

func plain(c byte) bool { return '!' <= c && c <= '~' && c != '=' }

const digits = "0123456789ABCDEF"

func hex(out []byte, c byte) []byte { return append(out, '=', digits[c>>4], digits[c&15]) }

func unquote(out []byte, s string) ([]byte, string) {
	for ; s != ""; s = s[1:] {
		switch c := s[0]; {
		case c == '=' && len(s) < 3, c == '\r' && len(s) < 2:
			return out, s
		case c == '=':
			high, low := unhex(s[1]), unhex(s[2])
			switch {
			case s[1:3] == crlf: // a soft line break
			case high < 0 || low < 0:
				out = append(out, s[:3]...)
			default:
				out = append(out, byte(high<<4|low))
			}
			s = s[2:]
		case c == '\r':
			if s[1] == '\n' {
				out = append(out, crlf...)
			}
			s = s[1:]
		case c == '\t' || ' ' <= c && c <= '~':
			out = append(out, c)
		}
	}
	return out, ""
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// lines is what wrap and wrapQuoted do: left, s and length are the arguments. Where no more
// than room(c) bytes are left of a line, a break comes before c; end is what ends a text in the middle of a line.
func lines(L *lua.LState, end, softBreak string, room func(c byte) int) int {
	left := arg.Int32(L, 1)
	s, more := text(L, 2)
	length := int(int32(arg.OptInt(L, 3, 76)))
	if !more {
		if left < length {
			L.Push(lua.LString(end))
		} else {
			L.Push(lua.LNil)
		}
		L.Push(lua.LNumber(length))
		return 2
	}
	var out []byte
	for _, c := range []byte(s) {
		switch c {
		case '\r':
		case '\n':
			out = append(out, crlf...)
			left = length
		default:
			if left <= room(c) {
				out = append(out, softBreak...)
				left = length
			}
			out = append(out, c)
			left--
		}
	}
	L.Push(lua.LString(out))
	L.Push(lua.LNumber(left))
	return 2
}

// wrap is mime.wrp(left [, s [, length]]).
func wrap(L *lua.LState) int { return lines(L, crlf, crlf, func(byte) int { return 0 }) }

// wrapQuoted is mime.qpwrp(left [, s [, length]]).
func wrapQuoted(L *lua.LState) int {
	return lines(L, "="+crlf, "="+crlf, func(c byte) int {
		if c == '=' { // two digits follow, and a break must fit behind them
			return 3
		}
		return 1
	})
}

// normalize is mime.eol(context [, s [, marker]]).
func normalize(L *lua.LState) int {
	last := byte(arg.Int(L, 1))
	s, more := text(L, 2)
	marker := crlf
	if m, ok := text(L, 3); ok {
		marker = m
	}
	if !more {
		L.Push(lua.LNil)
		L.Push(lua.LNumber(0))
		return 2
	}
	breaks := func(c byte) bool { return c == '\r' || c == '\n' }
	var out []byte
	for _, c := range []byte(s) {
		switch {
		case !breaks(c):
			out = append(out, c)
			last = 0
		case !breaks(last):
			out = append(out, marker...)
			last = c
		default: // the second of two
			if c == last {
				out = append(out, marker...)
			}
			last = 0
		}
	}
	L.Push(lua.LString(out))
	L.Push(lua.LNumber(last))
	return 2
}

// stuff is mime.dot(state [, s]): a dot that begins a line is doubled.
func stuff(L *lua.LState) int {
	state := arg.Int32(L, 1)
	s, more := text(L, 2)
	if !more {
		L.Push(lua.LNil)
		L.Push(lua.LNumber(2))
		return 2
	}
	var out []byte
	for _, c := range []byte(s) {
		out = append(out, c)
		switch {
		case c == '\r':
			state = 1
		case c == '\n' && state == 1:
			state = 2
		default:
			if c == '.' && state == 2 {
				out = append(out, '.')
			}
			state = 0
		}
	}
	L.Push(lua.LString(out))
	L.Push(lua.LNumber(state))
	return 2
}
