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

// maxLevels is how deep Lua 5.1 lets blocks and expressions be nested.
const maxLevels = 197

// parser reads one chunk, a token ahead.
type parser struct {
	lexer
	token  token
	ahead  *token // one more, where it was looked at
	last   int    // line of the token before
	levels int
	scopes

	tokens int         // read so far
	over   func() bool // nil: never
}

// Parse parses source. Errors are *Error.
func Parse(chunk, source string) (*Tree, error) { return ParseUntil(nil, chunk, source) }

// ParseUntil is Parse, but for an error soon after over has become true.
func ParseUntil(over func() bool, chunk, source string) (*Tree, error) {
	return parse(over, chunk, source, &function{vararg: true}, nil)
}

// ParsePiece is ParseUntil for a chunk that is going to be the body of a function
// without parameters, inside one that has declared locals: in place of "..." it has a call
// that returns nothing.
func ParsePiece(over func() bool, chunk, source string, locals []string) (*Tree, error) {
	return parse(over, chunk, source, &function{outer: &function{}, vararg: true, empty: true}, locals)
}

func parse(over func() bool, chunk, source string, main *function, locals []string) (t *Tree, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			t, err = nil, e
		}
	}()
	p := &parser{lexer: lexer{chunk: chunk, source: source, line: 1}, over: over}
	p.begin(main, locals)
	p.advance()
	stmts := p.block()
	p.check(eof)
	p.tree.Stmts = p.returning(stmts)
	return &p.tree, nil
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

// scope reads a block whose variables end with it.
func (p *parser) scope() []ast.Stmt {
	p.open(false)
	stmts := p.block()
	p.close()
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
