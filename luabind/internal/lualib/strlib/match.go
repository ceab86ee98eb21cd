package strlib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/arg"
)

// matcher runs programs over a subject. It goes back by a list of choices
// instead of by recursion: there is at most one for each node that repeats.
type matcher struct {
	L        *lua.LState
	program  *program
	subject  string
	captures [maxCaptures]bounds
	choices  []choice
	fuel     int // steps until the next look at the context
}

// bounds is where a capture begins and ends; of one that doesn't end, or of a position, only
// start counts.
type bounds struct{ start, end int }

// choice is a node that repeats and could do so more or less often. It matches
// the subject up to at, which may go down (greedy) or up (lazy) to limit.
type choice struct {
	node      int
	at, limit int
}

const fuelPerLook = 1 << 14

func (m *matcher) prepare(L *lua.LState, p *program, subject string) {
	m.L, m.program, m.subject = L, p, subject
}

// release lets go of what could be large.
func (m *matcher) release() {
	m.L, m.program, m.subject = nil, nil, ""
	if cap(m.choices) > 1000 {
		m.choices = nil
	}
}

// look ends a match whose context has ended, as gopher-lua ends Lua code.
func (m *matcher) look() {
	m.fuel = fuelPerLook
	arg.Look(m.L)
}

// search finds the first match that begins at from or later; start is -1 if
// there is none.
func (m *matcher) search(from int) (start, end int) {
	p := m.program
	if p.anchored {
		if end = m.matchAt(from); end < 0 {
			return -1, -1
		}
		return from, end
	}
	for s := from; s <= len(m.subject); s++ {
		if p.first != nil {
			if s = p.first.next(m.subject, s); s < 0 {
				break
			}
		}
		if end = m.matchAt(s); end >= 0 {
			return s, end
		}
	}
	return -1, -1
}

// next returns the first place from s on that the node, a single or opString,
// can match; -1 if there is none.
func (n *node) next(subject string, s int) int {
	rest := subject[s:]
	i := -1
	switch {
	case n.op == opString:
		i = strings.Index(rest, n.text)
	case n.kind == isChar:
		i = strings.IndexByte(rest, n.char)
	case n.kind == isAny:
		if rest != "" {
			i = 0
		}
	default:
		set := n.set
		for j := range len(rest) {
			if set[rest[j]] {
				return s + j
			}
		}
	}
	if i < 0 {
		return -1
	}
	return s + i
}

// matchAt returns where the match that begins at s ends; -1 if there is none.
func (m *matcher) matchAt(s int) int {
	subject, nodes := m.subject, m.program.nodes
	m.choices = m.choices[:0]
	for i := 0; ; i++ {
		if m.fuel--; m.fuel < 0 {
			m.look()
		}
		n := &nodes[i]
		matched := false
		switch n.op {
		case opOne:
			if matched = s < len(subject) && n.accepts(subject[s]); matched {
				s++
			}
		case opString:
			if matched = strings.HasPrefix(subject[s:], n.text); matched {
				s += len(n.text)
			}
		case opGreedy:
			end := n.run(subject, s)
			least := s + n.least
			m.fuel -= end - s
			if matched = end >= least; matched {
				if end > least {
					m.choices = append(m.choices, choice{i, end, least})
				}
				s = end
			}
		case opLazy:
			m.choices = append(m.choices, choice{i, s, len(subject)})
			matched = true
		case opEnd:
			return s
		case opOpen, opPosition:
			m.captures[n.capture].start = s
			matched = true
		case opClose:
			m.captures[n.capture].end = s
			matched = true
		case opBack:
			if c := m.captures[n.capture]; m.program.positions>>n.capture&1 == 0 {
				text := subject[c.start:c.end]
				m.fuel -= len(text)
				if matched = strings.HasPrefix(subject[s:], text); matched {
					s += len(text)
				}
			}
		case opBalance:
			if end := m.balance(n, s); end >= 0 {
				s, matched = end, true
			}
		case opFrontier:
			var before, after byte
			if s > 0 {
				before = subject[s-1]
			}
			if s < len(subject) {
				after = subject[s]
			}
			matched = !n.set[before] && n.set[after]
		case opTail:
			matched = s == len(subject)
		case opError:
			arg.Raise(m.L, "%s", n.text)
		}
		if !matched {
			if i, s = m.back(); i < 0 {
				return -1
			}
		}
	}
}

// run returns the end of the longest run from s on that a greedy node matches.
func (n *node) run(subject string, s int) int {
	rest := subject[s:]
	if n.most >= 0 && len(rest) > n.most {
		rest = rest[:n.most]
	}
	switch n.kind {
	case isChar:
		for i := range len(rest) {
			if rest[i] != n.char {
				return s + i
			}
		}
	case isInSet:
		set := n.set
		for i := range len(rest) {
			if !set[rest[i]] {
				return s + i
			}
		}
	}
	return s + len(rest)
}

// balance returns the end of what opBalance matches from s on; -1 if it doesn't.
func (m *matcher) balance(n *node, s int) int {
	subject := m.subject
	if s >= len(subject) || subject[s] != n.char {
		return -1
	}
	depth := 1
	for i := s + 1; i < len(subject); i++ {
		switch subject[i] {
		case n.end:
			if depth--; depth == 0 {
				m.fuel -= i - s
				return i + 1
			}
		case n.char:
			depth++
		}
	}
	m.fuel -= len(subject) - s
	return -1
}

// back takes up the latest choice that is left: from the node and the place that
// it returns, the match goes on. The node is -1 if no choice is left.
func (m *matcher) back() (node, s int) {
	subject, nodes := m.subject, m.program.nodes
	for len(m.choices) > 0 {
		last := len(m.choices) - 1
		c := &m.choices[last]
		n, next := &nodes[c.node], &nodes[c.node+1]
		begin := c.at
		// Where next can't match, going on there would only come back here.
		only := next.op <= opGreedy && (next.op != opGreedy || next.least > 0)
		if n.op == opGreedy {
			for c.at > c.limit {
				c.at--
				if !only || next.accepts(subject[c.at]) {
					m.fuel -= begin - c.at
					return c.node, c.at
				}
			}
			m.fuel -= begin - c.at
		} else if n.kind == isAny && only {
			if c.at < c.limit {
				if c.at = next.next(subject, c.at+1); c.at >= 0 {
					m.fuel -= c.at - begin
					return c.node, c.at
				}
				m.fuel -= c.limit - begin
			}
		} else {
			for c.at < c.limit && n.accepts(subject[c.at]) {
				c.at++
				if !only || c.at < len(subject) && next.accepts(subject[c.at]) {
					m.fuel -= c.at - begin
					return c.node, c.at
				}
			}
			m.fuel -= c.at - begin
		}
		m.choices = m.choices[:last]
	}
	return -1, 0
}
