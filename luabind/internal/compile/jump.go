package compile

import (
	"slices"

	"github.com/yuin/gopher-lua/ast"

	"luaspawn/luabind/internal/syntax"
)

// gopher-lua's compiler joins jumps to jumps, and takes for the number of a
// label what is a distance by then if the second one stands before the first:
// a loop whose code begins with a jump goes on anywhere. So no loop here
// begins with one: neither with break nor with a condition that is constant.

// startWithCode puts something before a break that is the first of a block.
func (f *fixer) startWithCode(stmts []ast.Stmt) []ast.Stmt {
	for i, s := range stmts {
		switch s.(type) {
		case *ast.DoBlockStmt, *ast.LabelStmt: // may be without code
			continue
		case *ast.BreakStmt:
			nothing := at(s, &ast.LocalAssignStmt{Names: []string{"(nothing)"}})
			return append(append(stmts[:i:i], nothing), stmts[i:]...)
		}
		break
	}
	return stmts
}

// condition does the condition of a branch and returns what it is replaced by.
func (f *fixer) condition(e ast.Expr) ast.Expr {
	f.expression(e)
	decides := e
	for {
		not, ok := decides.(*ast.UnaryNotOpExpr)
		if !ok {
			break
		}
		decides = not.Expr
	}
	f.labels(e, decided(decides))
	return steady(e, false)
}

// maxLabels is how many labels a function may have: while they have no place yet, they
// stand where the distance of a jump does later, and others would be taken for these.
const maxLabels = 1 << 17

// labels counts those that the compiler makes for a statement or an expression.
func (f *fixer) labels(n ast.PositionHolder, more int) {
	if f.fn.labels += more; f.fn.labels > maxLabels {
		f.fail(n.Line(), "function or expression too complex")
	}
}

// The labels of an expression whose value is wanted.
const (
	labelsOfLogical    = 4
	labelsOfRelational = 1
)

// labelsOf returns how many a statement has beside those of its expressions. One of a loop is what
// leaveLoop may add.
func labelsOf(s ast.Stmt) int {
	switch s.(type) {
	case *ast.IfStmt:
		return 3
	case *ast.WhileStmt, *ast.GenericForStmt:
		return 4
	case *ast.RepeatStmt:
		return 5
	case *ast.NumberForStmt:
		return 2
	case *ast.LabelStmt:
		return 1
	}
	return 0
}

// decided returns how many labels e has more, or fewer, where its value only decides.
func decided(e ast.Expr) int {
	switch e.(type) {
	case *ast.LogicalOpExpr:
		return 1 - labelsOfLogical
	case *ast.RelationalOpExpr:
		return -labelsOfRelational
	}
	return 0
}

// steady replaces the constants in a condition that are a jump and nothing
// else: nil and false, where it doesn't matter which. Inverted conditions jump
// if they hold.
func steady(e ast.Expr, inverted bool) ast.Expr {
	switch x := e.(type) {
	case *ast.FalseExpr, *ast.NilExpr:
		if !inverted {
			return at(e, &ast.UnaryNotOpExpr{Expr: at(e, &ast.TrueExpr{})})
		}
	case *ast.UnaryNotOpExpr:
		x.Expr = steady(x.Expr, !inverted)
	case *ast.LogicalOpExpr:
		x.Lhs = steady(x.Lhs, x.Operator == "or")
		x.Rhs = steady(x.Rhs, inverted)
	}
	return e
}

// A break closes the upvalues of the variables in the block of the loop, but
// not of those in blocks between: closures go on to see what comes to stand in
// their registers. A goto closes both, so it takes the place of such a break.
func (f *fixer) breakStatement(slot *ast.Stmt, s *ast.BreakStmt) {
	if !syntax.LeavesCaptured(s) {
		return
	}
	loop := f.block
	for !loop.loop {
		loop = loop.outer
	}
	g := atPlain(s, &ast.GotoStmt{Label: "(break)"})
	f.mark(g, loop.first-f.fn.first)
	*slot, loop.left = g, true
}

// leaveLoop is for the loop at slot, whose block was the last that was closed.
func (f *fixer) leaveLoop(slot *ast.Stmt) {
	if f.err == nil && f.closed.left {
		end := atPlain(*slot, &ast.LabelStmt{Name: "(break)"})
		*slot = atPlain(*slot, &ast.DoBlockStmt{Stmts: []ast.Stmt{*slot, end}})
		f.blocks.mark(*slot)
	}
}

// label notes a label; what follows it in its block is rest.
func (f *fixer) label(s *ast.LabelStmt, rest []ast.Stmt) {
	locals := f.locals
	if !f.block.repeat && !slices.ContainsFunc(rest, notLabel) {
		locals = f.block.first // at the end of a block its variables are gone
	}
	f.block.labels = append(f.block.labels, label{s.Name, locals - f.fn.first})
}

func notLabel(s ast.Stmt) bool {
	_, ok := s.(*ast.LabelStmt)
	return !ok
}

// goTo looks for the label of g in b, which is closed, and leaves the search to
// the block around it if there is none. A goto closes upvalues, and
// gopher-lua says which only if those of a block end there: all of the function
// otherwise, also of variables that live on. So it is said here.
func (f *fixer) goTo(b *block, g jump) {
	for _, l := range b.labels {
		if l.name != g.stmt.Label {
			continue
		}
		if l.locals <= g.locals { // else the compiler complains
			f.mark(g.stmt, l.locals)
		}
		return
	}
	if b.outer != nil {
		b.outer.gotos = append(b.outer.gotos, g)
	}
}

// mark says that g closes the upvalues of all but the first variables.
func (f *fixer) mark(g *ast.GotoStmt, locals int) {
	if g.Line() < 1<<gotoShift {
		g.SetLine(g.Line() | (locals+1)<<gotoShift)
		f.fn.marked = append(f.fn.marked, g)
	}
}
