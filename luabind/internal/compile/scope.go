package compile

import "github.com/yuin/gopher-lua/ast"

// maxUpvalues is how many a prototype can count. A function in a source has fewer,
// see package syntax; that around a piece of a session may have any number.
const maxUpvalues = 255

// local is a local variable. Those in scope stand in fixer.locals as in the
// registers of their functions, the innermost last.
type local struct {
	name    string
	block   *block // nil: not a variable, but a name that is watched
	written bool   // by a function inside the one that declares it
	hit     bool   // of a name that is watched: a nested function uses it
}

// function is one whose statements are being done.
type function struct {
	outer    *function
	line     int // 0: the chunk
	first    int // its first in fixer.locals
	block    *block
	upvalues []*local
	marked   []*ast.GotoStmt // see fixer.mark
	long     bool            // a constructor needs a word after its code, see withVariable
}

// block is a block whose statements are being done.
type block struct {
	outer    *block // in the same function
	fn       *function
	loop     bool // break leaves it
	repeat   bool // a condition follows that sees its variables
	captured bool // a closure has one of its variables
	first    int  // its first in fixer.locals
	breaks   []leaving
	labels   []label
	gotos    []jump
}

// leaving is a break, and where it stands.
type leaving struct {
	slot *ast.Stmt
	from *block
}

// jump is a goto, and how many variables there are at it.
type jump struct {
	stmt   *ast.GotoStmt
	locals int
}

// label is a label, and how many variables there are at it.
type label struct {
	name   string
	locals int
}

func (f *fixer) openFunction(line int) {
	f.fn = &function{outer: f.fn, line: line, first: len(f.locals), block: f.block}
	f.block = nil
}

func (f *fixer) closeFunction() {
	f.block = f.fn.block
	f.fn = f.fn.outer
}

func (f *fixer) openBlock(loop bool) {
	f.block = &block{outer: f.block, fn: f.fn, loop: loop, first: len(f.locals)}
}

func (f *fixer) closeBlock() {
	b := f.block
	for _, g := range b.gotos {
		f.goTo(b, g)
	}
	f.locals = f.locals[:b.first]
	f.block, f.closed = b.outer, b
}

func (f *fixer) declare(name string) {
	f.locals = append(f.locals, &local{name: name, block: f.block})
}

// use notes that the current function uses name, and returns the local variable
// that it is; nil: a global one.
func (f *fixer) use(name string, line int) *local {
	for i := len(f.locals) - 1; i >= 0; i-- {
		v := f.locals[i]
		if v.name != name {
			continue
		}
		if v.block == nil {
			v.hit = true
			continue
		}
		if v.block.fn != f.fn {
			v.block.captured = true
			f.capture(v, line)
		}
		return v
	}
	return nil
}

// capture enters v among the upvalues of the current function and of those
// around it, up to the one that declares it.
func (f *fixer) capture(v *local, line int) {
next:
	for fn := f.fn; fn != v.block.fn; fn = fn.outer {
		for _, u := range fn.upvalues {
			if u == v {
				continue next
			}
		}
		if fn.upvalues = append(fn.upvalues, v); len(fn.upvalues) > maxUpvalues {
			f.fail(line, "function at line %d has more than %d upvalues", fn.line, maxUpvalues)
		}
	}
}

// variable returns the local variable of the current function that e names, or
// nil.
func (f *fixer) variable(e ast.Expr) *local {
	name, ok := e.(*ast.IdentExpr)
	if !ok {
		return nil
	}
	for i := len(f.locals) - 1; i >= f.fn.first; i-- {
		if v := f.locals[i]; v.name == name.Value && v.block != nil {
			return v
		}
	}
	return nil
}

// written notes that e is assigned to.
func (f *fixer) written(e ast.Expr) {
	if name, ok := e.(*ast.IdentExpr); ok {
		if v := f.use(name.Value, e.Line()); v != nil && v.block.fn != f.fn {
			v.written = true
		}
	}
}
