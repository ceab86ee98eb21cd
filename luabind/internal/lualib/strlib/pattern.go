package strlib

import (
	"slices"
	"strings"

	"luaspawn/luabind/internal/lualib/numeral"
)

// A pattern is compiled into nodes, which are run one after the other:
//
//	pattern    = [ "^" ] { item } [ "$" ]
//	item       = single [ "*" | "+" | "-" | "?" ] | "(" | ")" | "()" | "%b" c c | "%f" set | "%" digit
//	single     = c | "." | "%" c | set
//
// There is no alternation and only singles repeat, so what captures are open or
// closed at a node is known when it is compiled. An error in the pattern becomes
// a node too, the last: Lua raises it only when a match comes so far.

// nodeOp is what a node does. The first four belong to singles.
type nodeOp uint8

const (
	opOne      nodeOp = iota // a single, once
	opString                 // characters, each once
	opGreedy                 // a single, as often as it goes, then less often
	opLazy                   // a single, as rarely as it goes, then more often
	opEnd                    // the match is complete
	opOpen                   // a capture begins
	opClose                  // a capture ends
	opPosition               // a capture of the position
	opBack                   // what a capture holds, once more
	opBalance                // from one character to the one that balances it
	opFrontier               // from outside a set to inside
	opTail                   // the end of the subject
	opError                  // raises message
)

// singleKind is how a single tests a character.
type singleKind uint8

const (
	isChar singleKind = iota
	isAny
	isInSet
)

type node struct {
	op      nodeOp
	kind    singleKind
	char    byte // of a single; what opBalance begins with; the first one of an opString
	end     byte // what opBalance ends with
	least   int  // opGreedy: 0 or 1
	most    int  // opGreedy: 1, or -1 for any number
	capture int  // opOpen, opClose, opPosition, opBack
	set     *set
	text    string // opString; the message of opError
}

// accepts says whether c is what the node begins with. Only for singles and opString.
func (n *node) accepts(c byte) bool {
	switch n.kind {
	case isChar:
		return n.char == c
	case isAny:
		return true
	}
	return n.set[c]
}

// program is a compiled pattern.
type program struct {
	nodes     []node
	anchored  bool
	captures  int    // how many a match has
	open      uint32 // those of them that don't end, a bit for each: taking one is an error
	positions uint32 // those of them that are positions
	first     *node  // what every match begins with, a single or opString; nil: it isn't known
}

const (
	maxCaptures = 32
	maxNodes    = 1 << 18
)

// compiler holds what is known at one point of a pattern.
type compiler struct {
	pattern string
	pos     int
	classes *classes
	program *program
	state   []captureState
	literal []byte // characters that will be a node
}

type captureState uint8

const (
	captureOpen captureState = iota
	captureClosed
	capturePosition
)

// newProgram compiles a pattern. For gmatch a '^' at its beginning is a character
// like others.
func newProgram(pattern string, anchors bool, k *classes) *program {
	c := &compiler{pattern: numeral.CString(pattern), classes: k, program: &program{}}
	if anchors && strings.HasPrefix(c.pattern, "^") {
		c.program.anchored = true
		c.pos = 1
	}
	for c.pos < len(c.pattern) {
		if message := c.item(); message != "" {
			c.add(node{op: opError, text: message})
			break
		}
		if len(c.program.nodes) >= maxNodes {
			c.add(node{op: opError, text: "pattern too complex"})
			break
		}
	}
	c.add(node{op: opEnd})
	p := c.program
	p.captures = len(c.state)
	for i, state := range c.state {
		switch state {
		case captureOpen:
			p.open |= 1 << i
		case capturePosition:
			p.positions |= 1 << i
		}
	}
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.op == opOne || n.op == opString || n.op == opGreedy && n.least > 0 {
			p.first = n
		} else if n.op == opOpen || n.op == opPosition {
			continue
		}
		break
	}
	return p
}

func (c *compiler) add(n node) {
	c.flush()
	c.program.nodes = append(c.program.nodes, n)
}

// flush makes a node of the characters that have come together.
func (c *compiler) flush() {
	if len(c.literal) == 0 {
		return
	}
	n := node{op: opOne, kind: isChar, char: c.literal[0]}
	if len(c.literal) > 1 {
		n.op, n.text = opString, string(c.literal)
	}
	c.literal = c.literal[:0]
	c.program.nodes = append(c.program.nodes, n)
}

// item compiles what is at pos. It returns what is wrong with it.
func (c *compiler) item() (message string) {
	rest := c.pattern[c.pos:]
	switch {
	case rest[0] == '(':
		return c.openCapture(rest)
	case rest[0] == ')':
		return c.closeCapture()
	case rest == "$":
		c.pos++
		c.add(node{op: opTail})
		return ""
	case len(rest) > 1 && rest[0] == '%' && rest[1] == 'b':
		if len(rest) < 4 {
			return "unbalanced pattern"
		}
		c.pos += 4
		c.add(node{op: opBalance, char: rest[2], end: rest[3]})
		return ""
	case len(rest) > 1 && rest[0] == '%' && rest[1] == 'f':
		return c.frontier(rest)
	case len(rest) > 1 && rest[0] == '%' && isDigit(rest[1]):
		return c.backReference(int(rest[1]) - '1')
	}
	return c.single(rest)
}

func (c *compiler) openCapture(rest string) string {
	i := len(c.state)
	if i >= maxCaptures {
		return "too many captures"
	}
	if strings.HasPrefix(rest, "()") {
		c.pos += 2
		c.state = append(c.state, capturePosition)
		c.add(node{op: opPosition, capture: i})
		return ""
	}
	c.pos++
	c.state = append(c.state, captureOpen)
	c.add(node{op: opOpen, capture: i})
	return ""
}

func (c *compiler) closeCapture() string {
	for i, state := range slices.Backward(c.state) {
		if state == captureOpen {
			c.pos++
			c.state[i] = captureClosed
			c.add(node{op: opClose, capture: i})
			return ""
		}
	}
	return "invalid pattern capture"
}

func (c *compiler) backReference(i int) string {
	if i < 0 || i >= len(c.state) || c.state[i] == captureOpen {
		return "invalid capture index"
	}
	c.pos += 2
	c.add(node{op: opBack, capture: i})
	return ""
}

func (c *compiler) frontier(rest string) string {
	if len(rest) < 3 || rest[2] != '[' {
		return "missing '[' after '%f' in pattern"
	}
	end := setEnd(rest, 3)
	if end == 0 {
		return "malformed pattern (missing ']')"
	}
	c.pos += end
	c.add(node{op: opFrontier, set: c.classes.parseSet(rest[3:end])})
	return ""
}

// single compiles a single with the sign behind it that repeats it.
func (c *compiler) single(rest string) string {
	n := node{op: opOne}
	end := 1
	switch rest[0] {
	case '%':
		if len(rest) < 2 {
			return "malformed pattern (ends with '%')"
		}
		end = 2
		if n.set = c.classes.get(rest[1]); n.set != nil {
			n.kind = isInSet
		} else {
			n.char = rest[1]
		}
	case '[':
		if end = setEnd(rest, 1); end == 0 {
			return "malformed pattern (missing ']')"
		}
		n.kind, n.set = isInSet, c.classes.parseSet(rest[1:end])
	case '.':
		n.kind = isAny
	default:
		n.char = rest[0]
	}
	c.pos += end
	repeat := byte(0)
	if end < len(rest) {
		repeat = rest[end]
	}
	switch repeat {
	case '*':
		n.op, n.most = opGreedy, -1
	case '+':
		n.op, n.least, n.most = opGreedy, 1, -1
	case '?':
		n.op, n.most = opGreedy, 1
	case '-':
		n.op = opLazy
	default:
		if n.kind == isChar {
			c.literal = append(c.literal, n.char)
		} else {
			c.add(n)
		}
		return ""
	}
	c.pos++
	c.add(n)
	return ""
}

// programs keeps compiled patterns: most programs use few, over and over.
type programs struct {
	last    patternKey
	program *program // of last
	all     map[patternKey]*program
	classes classes
}

type patternKey struct {
	pattern string
	anchors bool
}

// So many patterns are kept, if they aren't longer than this: 2 MB at the very most.
const (
	maxKept       = 200
	maxKeptLength = 100
)

func (p *programs) get(pattern string, anchors bool) *program {
	key := patternKey{pattern, anchors}
	if p.program != nil && p.last == key {
		return p.program
	}
	found, ok := p.all[key]
	if !ok {
		found = newProgram(pattern, anchors, &p.classes)
		if len(pattern) > maxKeptLength {
			return found
		}
		if p.all == nil || len(p.all) >= maxKept {
			p.all = map[patternKey]*program{}
		}
		key.pattern = strings.Clone(pattern) // not the long string that it may be a part of
		p.all[key] = found
	}
	p.last, p.program = key, found
	return found
}
