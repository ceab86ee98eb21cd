package strlib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
)

// find is string.find(s, pattern [, init [, plain]]).
func (lib *library) find(L *lua.LState) int {
	s, pattern := arg.String(L, 1), arg.String(L, 2)
	from := startOf(L, len(s))
	if isPlain(pattern) || L.ToBool(4) {
		i := strings.Index(s[from:], pattern)
		if i < 0 {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LNumber(from + i + 1))
		L.Push(lua.LNumber(from + i + len(pattern)))
		return 2
	}
	m := &lib.matcher
	m.prepare(L, lib.programs.get(pattern, true), s)
	start, end := m.search(from)
	if start < 0 {
		m.release()
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LNumber(start + 1))
	L.Push(lua.LNumber(end))
	n := m.pushCaptures()
	m.release()
	return n + 2
}

// isPlain says whether find may take a pattern as it is. Like PUC Lua it looks
// for special characters up to the first zero only, and takes all of it then.
func isPlain(pattern string) bool {
	for i := range len(pattern) {
		switch pattern[i] {
		case '^', '$', '*', '+', '?', '.', '(', '[', '%', '-':
			return false
		case 0:
			return true
		}
	}
	return true
}

// startOf returns where the third argument lets a search in n bytes begin.
func startOf(L *lua.LState, n int) int {
	return min(max(fromEnd(arg.OptInt(L, 3, 1), n)-1, 0), n)
}

// match is string.match(s, pattern [, init]).
func (lib *library) match(L *lua.LState) int {
	s, pattern := arg.String(L, 1), arg.String(L, 2)
	from := startOf(L, len(s))
	m := &lib.matcher
	m.prepare(L, lib.programs.get(pattern, true), s)
	start, end := m.search(from)
	if start < 0 {
		m.release()
		L.Push(lua.LNil)
		return 1
	}
	n := m.push(start, end)
	m.release()
	return n
}

// gmatch is string.gmatch(s, pattern). It returns an iterator over the matches.
func (lib *library) gmatch(L *lua.LState) int {
	s, pattern := arg.String(L, 1), arg.String(L, 2)
	p := lib.programs.get(pattern, false)
	from := 0
	L.Push(L.NewFunction(func(L *lua.LState) int {
		if from > len(s) {
			return 0
		}
		m := &lib.matcher
		m.prepare(L, p, s)
		start, end := m.search(from)
		if start < 0 {
			m.release()
			return 0
		}
		from = end
		if start == end {
			from++ // an empty match: go on behind the next character
		}
		n := m.push(start, end)
		m.release()
		return n
	}))
	return 1
}
