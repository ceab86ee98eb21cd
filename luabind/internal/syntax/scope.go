package syntax

import (
	"fmt"
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// What Lua 5.1 bounds of a function: its variables, and those of functions around it
// that it uses. A prototype can count no more than maxSeen of the latter: a piece of a
// session may use any number of the variables of pieces before it.
const (
	maxLocals   = 200
	maxUpvalues = 60
	maxSeen     = 255
)

// A Tree is what a source was parsed to. The parser writes what names stand for into its nodes, as numbers
// below zero in place of a last line, which these nodes have no use for:
//
//	IdentExpr        -n: the n-th local variable of the source, of the function that it stands in
//	BreakStmt        -1: it leaves a block, inside of the loop's, of which a closure has a variable
//	LocalAssignStmt  -1: local f = function, and in that another f
type Tree struct {
	Stmts []ast.Stmt

	assigned map[int]bool // variables to which functions inside assign
}

// Variable returns the number of the local variable that e is; 0: it is none, or one of a
// function around the one in which e stands.
func Variable(e ast.Expr) int {
	if name, ok := e.(*ast.IdentExpr); ok {
		return max(0, -name.LastLine())
	}
	return 0
}

// AssignedInside reports whether a function inside the one that has the variable assigns to it.
func (t *Tree) AssignedInside(variable int) bool { return t.assigned[variable] }

// LeavesCaptured reports whether a break leaves a block, inside of that of its loop, of which a
// closure has a variable.
func LeavesCaptured(s *ast.BreakStmt) bool { return s.LastLine() < 0 }

// IsLocalFunction reports whether s is "local function f".
func IsLocalFunction(s *ast.LocalAssignStmt) bool {
	return s.LastLine() > 0 && len(s.Names) == 1 && len(s.Exprs) == 1
}

// NamesAnother reports whether s is "local f = function", in which f is named: another one.
func NamesAnother(s *ast.LocalAssignStmt) bool { return s.LastLine() < 0 }

// scopes are those at the place where the parser is.
type scopes struct {
	tree      Tree
	locals    []local // that are in scope, the innermost last
	variables int     // declared so far
	before    int     // how many of locals pieces before this one have declared
	fn        *function
	inner     *scope // of fn
}

// A local is a local variable, or a name that is watched.
type local struct {
	name   string
	scope  *scope // nil: the name is watched
	number int32
	met    bool // the watched name is used
}

// A function is one whose body is being read.
type function struct {
	outer    *function
	line     int // 0: the chunk
	vararg   bool
	empty    bool   // its "..." are no values, ever
	first    int    // its first in scopes.locals
	around   *scope // in which it stands
	upvalues []int  // by their place there
	before   int    // how many of them are of pieces before
}

// A scope is a block that is being read.
type scope struct {
	outer    *scope // in the same function
	loop     bool   // break leaves it
	captured bool   // a closure has one of its variables
	first    int    // its first in scopes.locals
	breaks   []leaving
}

// leaving is a break, and where it stands.
type leaving struct {
	s    *ast.BreakStmt
	from *scope
}

// begin begins a chunk, in the scope of locals.
func (p *parser) begin(main *function, locals []string) {
	p.open(false)
	for _, name := range locals {
		p.add(name)
	}
	p.before = len(p.locals)
	p.openFunction(main)
}

func (p *parser) openFunction(f *function) {
	f.first, f.around = len(p.locals), p.inner
	p.fn, p.inner = f, nil
	p.open(false)
}

func (p *parser) closeFunction() {
	p.close()
	p.fn, p.inner = p.fn.outer, p.fn.around
}

func (p *parser) open(loop bool) {
	p.inner = &scope{outer: p.inner, loop: loop, first: len(p.locals)}
}

func (p *parser) close() {
	b := p.inner
	for _, l := range b.breaks {
		for left := l.from; left != b; left = left.outer {
			if left.captured {
				l.s.SetLastLine(-1)
			}
		}
	}
	p.locals, p.inner = p.locals[:b.first], b.outer
}

// leaveLoop notes a break, and reports whether there is a loop to break.
func (p *parser) leaveLoop(s *ast.BreakStmt) bool {
	for b := p.inner; b != nil; b = b.outer {
		if b.loop {
			b.breaks = append(b.breaks, leaving{s, p.inner})
			return true
		}
	}
	return false
}

// declare begins the scope of local variables.
func (p *parser) declare(names ...string) {
	for _, name := range names {
		p.add(name)
	}
	p.bound(len(p.locals)-p.fn.first, maxLocals, "local variables", p.fn)
}

func (p *parser) add(name string) {
	p.variables++
	p.locals = append(p.locals, local{name: name, scope: p.inner, number: int32(p.variables)})
}

// find returns the place of the variable of that name in p.locals; -1: it is global.
func (p *parser) find(name string) int {
	for i := len(p.locals) - 1; i >= 0; i-- {
		if v := &p.locals[i]; v.name == name {
			if v.scope != nil {
				return i
			}
			v.met = true
		}
	}
	return -1
}

// use notes that the function uses a variable, and returns its number as Variable does.
func (p *parser) use(name string) int {
	i := p.find(name)
	if i < 0 {
		return 0
	}
	if i >= p.fn.first {
		return int(p.locals[i].number)
	}
	p.locals[i].scope.captured = true
	for f := p.fn; i < f.first; f = f.outer {
		if slices.Contains(f.upvalues, i) {
			break // so the functions around it have it too
		}
		f.upvalues = append(f.upvalues, i)
		if i < p.before {
			f.before++
		}
		p.bound(len(f.upvalues)-f.before, maxUpvalues, "upvalues", f)
		p.bound(len(f.upvalues), maxSeen, "upvalues", f)
	}
	return 0
}

// assign notes that the function assigns to e, which was used.
func (p *parser) assign(e ast.Expr) {
	name, ok := e.(*ast.IdentExpr)
	if !ok || Variable(e) != 0 {
		return
	}
	if i := p.find(name.Value); i >= 0 {
		if p.tree.assigned == nil {
			p.tree.assigned = map[int]bool{}
		}
		p.tree.assigned[int(p.locals[i].number)] = true
	}
}

// watch begins to watch a name.
func (p *parser) watch(name string) { p.locals = append(p.locals, local{name: name}) }

// met ends what the last watch began, and reports whether the name was used in the meantime,
// by where nothing of that name was declared since.
func (p *parser) met() bool {
	last := len(p.locals) - 1
	met := p.locals[last].met
	p.locals = p.locals[:last]
	return met
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
