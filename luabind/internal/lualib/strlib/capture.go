package strlib

import (
	"luaspawn/luabind/internal/lualib/arg"
)

import lua "github.com/yuin/gopher-lua"

// capture returns capture i of the match from start to end; the whole match
// where the pattern has no captures and i is 0.
func (m *matcher) capture(i, start, end int) lua.LValue {
	p := m.program
	if i >= p.captures {
		if i > 0 {
			arg.Raise(m.L, "invalid capture index")
		}
		return lua.LString(m.subject[start:end])
	}
	if p.open>>i&1 != 0 {
		arg.Raise(m.L, "unfinished capture")
	}
	c := m.captures[i]
	if p.positions>>i&1 != 0 {
		return lua.LNumber(c.start + 1)
	}
	return lua.LString(m.subject[c.start:c.end])
}

// push pushes all captures, or the whole match where the pattern has none, and
// returns their number.
func (m *matcher) push(start, end int) int {
	if m.program.captures == 0 {
		m.L.Push(lua.LString(m.subject[start:end]))
		return 1
	}
	return m.pushCaptures()
}

// pushCaptures pushes the captures that the pattern has.
func (m *matcher) pushCaptures() int {
	n := m.program.captures
	for i := range n {
		m.L.Push(m.capture(i, 0, 0))
	}
	return n
}
