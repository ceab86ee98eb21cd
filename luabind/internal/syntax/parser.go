// Package syntax parses Lua 5.1 into the tree that gopher-lua's compiler
// takes:
//
//	source --lexer--> tokens --parser--> []ast.Stmt, or *Error
//
// It follows the grammar of the reference manual as lua5.1's own parser does,
// token by token, so that errors name the same token on the same line, and
// instructions have the same lines. gopher-lua's parser, made for a later
// grammar, has one message for all and takes some of what 5.1 refuses.
//
// Of Lua 5.2 there are goto and labels, where 5.1 has errors: goto is a name
// unless another name follows it at the beginning of a statement.
package syntax

import (
	"fmt"
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// Error is what is wrong with a source.
type Error struct {
	Name    string // of the chunk
	Line    int
	Message string
	AtEnd   bool // more of it may be right
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Message) }

// What Lua 5.1 bounds: how deep blocks and expressions are nested, and the
// variables of a function.
const (
	maxLevels   = 197
	maxLocals   = 200
	maxUpvalues = 60
)

// parser reads one chunk, a token ahead.
type parser struct {
	lexer
	token  token
	ahead  *token // one more, where it was looked at
	last   int    // line of the token before
	levels int
	locals []string // that are in scope, the innermost last
	fn     *function

	tokens int         // read so far
	over   func() bool // nil: never
}

// function is one whose body is being read.
type function struct {
	outer    *function
	line     int // 0: the chunk
	vararg   bool
	empty    bool  // its "..." are no values, ever
	first    int   // its first in parser.locals
	upvalues []int // by their place there
	loops    int   // that a break may leave
}

// Parse parses source. Errors are *Error.
func Parse(chunk, source string) ([]ast.Stmt, error) { return ParseUntil(nil, chunk, source) }

// ParseUntil is Parse, but for an error soon after over has become true.
func ParseUntil(over func() bool, chunk, source string) ([]ast.Stmt, error) {
	return parse(over, chunk, source, &function{vararg: true})
}

// ParsePiece is ParseUntil for a chunk that is going to be the body of a function
// without parameters: in place of "..." it has a call that returns nothing.
func ParsePiece(over func() bool, chunk, source string) ([]ast.Stmt, error) {
	return parse(over, chunk, source, &function{vararg: true, empty: true})
}

func parse(over func() bool, chunk, source string, main *function) (stmts []ast.Stmt, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			stmts, err = nil, e
		}
	}()
	p := &parser{lexer: lexer{chunk: chunk, source: source, line: 1}, fn: main, over: over}
	p.advance()
	stmts = p.block()
	p.check(eof)
	return p.returning(stmts), nil
}

// returning lets a chunk return on its last line, as a hook and a traceback see
// it. A label at its end must stay there.
func (p *parser) returning(stmts []ast.Stmt) []ast.Stmt {
	if n := len(stmts); n > 0 {
		switch stmts[n-1].(type) {
		case *ast.ReturnStmt, *ast.LabelStmt:
			return stmts
		}
	}
	return append(stmts, between(p.last, p.last, &ast.ReturnStmt{}))
}

// advance goes to the next token.
func (p *parser) advance() {
	p.last = p.line
	const look = 1 << 12
	if p.tokens++; p.tokens%look == 0 && p.over != nil && p.over() {
		p.fail("interrupted", nil)
	}
	if p.ahead != nil {
		p.token, p.ahead = *p.ahead, nil
		return
	}
	p.token = p.lexer.next()
}

// look returns the token after this.
func (p *parser) look() token {
	if p.ahead == nil {
		t := p.lexer.next()
		p.ahead = &t
	}
	return *p.ahead
}

// wrong raises an error at the present token.
func (p *parser) wrong(message string) { p.fail(message, &p.token) }

func (p *parser) check(k kind) {
	if p.token.kind != k {
		p.wrong("'" + k.String() + "' expected")
	}
}

func (p *parser) expect(k kind) {
	p.check(k)
	p.advance()
}

// accept goes past a token of kind k, if it is one.
func (p *parser) accept(k kind) bool {
	if p.token.kind != k {
		return false
	}
	p.advance()
	return true
}

// match expects what closes open, which stood on a line.
func (p *parser) match(k, open kind, line int) {
	if p.token.kind != k && line != p.line {
		p.wrong(fmt.Sprintf("'%s' expected (to close '%s' at line %d)", k, open, line))
	}
	p.expect(k)
}

func (p *parser) name() string {
	p.check(name)
	s := p.token.value
	p.advance()
	return s
}

func (p *parser) enter() {
	p.levels++
	if p.levels > maxLevels {
		p.fail("chunk has too many syntax levels", nil)
	}
}

func (p *parser) leave() { p.levels-- }

// declare begins the scope of local variables.
func (p *parser) declare(names ...string) {
	p.locals = append(p.locals, names...)
	p.bound(len(p.locals)-p.fn.first, maxLocals, "local variables", p.fn)
}

// use notes that the function uses a variable.
func (p *parser) use(name string) {
	i := len(p.locals) - 1
	for i >= 0 && p.locals[i] != name {
		i--
	}
	if i < 0 {
		return
	}
	for f := p.fn; i < f.first; f = f.outer {
		if slices.Contains(f.upvalues, i) {
			return // so the functions around it have it too
		}
		f.upvalues = append(f.upvalues, i)
		p.bound(len(f.upvalues), maxUpvalues, "upvalues", f)
	}
}

func (p *parser) bound(n, limit int, what string, f *function) {
	if n <= limit {
		return
	}
	where := "main function"
	if f.line != 0 {
		where = fmt.Sprintf("function at line %d", f.line)
	}
	p.fail(fmt.Sprintf("%s has more than %d %s", where, limit, what), nil)
}

// scope reads a block whose variables end with it.
func (p *parser) scope() []ast.Stmt {
	n := len(p.locals)
	stmts := p.block()
	p.locals = p.locals[:n]
	return stmts
}

func (p *parser) block() []ast.Stmt {
	p.enter()
	stmts := []ast.Stmt{}
	for last := false; !last && !p.ends(); {
		var s ast.Stmt
		s, last = p.statement()
		stmts = append(stmts, s)
		p.accept(';')
	}
	p.leave()
	return stmts
}

// ends says whether the present token ends a block.
func (p *parser) ends() bool {
	switch p.token.kind {
	case kwElse, kwElseif, kwEnd, kwUntil, eof:
		return true
	}
	return false
}

// at gives a node its line.
func at[N ast.PositionHolder](line int, n N) N {
	n.SetLine(line)
	return n
}

// between gives a node its lines.
func between[N ast.PositionHolder](line, last int, n N) N {
	n.SetLine(line)
	n.SetLastLine(last)
	return n
}
