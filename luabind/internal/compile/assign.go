package compile

import (
	"strconv"

	"github.com/yuin/gopher-lua/ast"

	"luaspawn/luabind/internal/syntax"
)

// gopher-lua assigns while it still evaluates: a, b = b, a gives both the value
// of b (https://github.com/yuin/gopher-lua/issues/440), and a call in
// parentheses or before a comma is made in the registers of the variables that
// follow the one it is assigned to.
//
// Lua 5.1 evaluates tables and keys on the left, then all on the right, then
// assigns from right to left, the last value perhaps straight from its
// expression. So s is lowered: written in that order, with values in variables of a block:
//
//	do local (1) = t(); local (2), (3) = b, a; b = (3); (1).x = (2) end
//
// No script can name such a variable.

// temporary names the n-th of them.
func temporary(n int) string { return "(" + strconv.Itoa(n) + ")" }

// assignment does the assignment s, which stands at slot.
func (f *fixer) assignment(slot *ast.Stmt, s *ast.AssignStmt) {
	if len(s.Lhs) == 1 && len(s.Rhs) == 1 {
		f.singleAssignment(slot, s)
		return
	}
	if !ordered(s) {
		*slot = f.lower(s)
	}
}

func (f *fixer) singleAssignment(slot *ast.Stmt, s *ast.AssignStmt) {
	several(s.Rhs[0])
	switch target := s.Lhs[0].(type) {
	case *ast.IdentExpr:
		if syntax.Variable(target) != 0 && misses(s.Rhs[0], false, true, true) {
			*slot = f.lower(s)
		}
	case *ast.AttrGetExpr:
		if constant(target.Object) {
			*slot = f.lower(s)
		} else if key := syntax.Variable(target.Key); key != 0 && f.tree.AssignedInside(key) && mayCall(s.Rhs[0]) {
			*slot = f.late(s, *target)
		}
	}
}

// several takes the parentheses from a call or "..." whose values beyond the
// first are dropped anyway.
func several(e ast.Expr) {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = false
	case *ast.Comma3Expr:
		e.AdjustRet = false
	}
}

// ordered says whether gopher-lua does the assignment of several values as Lua
// 5.1 would: to fields only, or to what a single call returns.
func ordered(s *ast.AssignStmt) bool {
	fields, anyCalls := true, false
	for _, target := range s.Lhs {
		_, field := target.(*ast.AttrGetExpr)
		fields = fields && field
	}
	for _, value := range s.Rhs {
		anyCalls = anyCalls || mayCall(value)
	}
	if !fields && (len(s.Rhs) != 1 || !multiple(s.Rhs[0])) {
		return false
	}
	for i, target := range s.Lhs {
		field, ok := target.(*ast.AttrGetExpr)
		if !ok {
			continue
		}
		if constant(field.Object) || assignedAfter(field.Object, s, i) || assignedAfter(field.Key, s, i) {
			return false
		}
		if anyCalls && syntax.Variable(field.Key) != 0 {
			return false // may change before it is used, see late
		}
	}
	return true
}

// assignedAfter says whether e is a variable that s assigns to behind its i-th
// target, and so before it.
func assignedAfter(e ast.Expr, s *ast.AssignStmt, i int) bool {
	v := syntax.Variable(e)
	if v == 0 {
		return false
	}
	for _, target := range s.Lhs[i+1:] {
		if syntax.Variable(target) == v {
			return true
		}
	}
	return false
}

// lower writes s as simpler statements.
func (f *fixer) lower(s *ast.AssignStmt) ast.Stmt {
	b := f.newLowering(s)
	defer b.end()
	targets := make([]ast.Expr, len(s.Lhs))
	for i, target := range s.Lhs {
		field, ok := target.(*ast.AttrGetExpr)
		if !ok {
			targets[i] = target
			continue
		}
		object, key := field.Object, field.Key
		if syntax.Variable(object) == 0 || assignedAfter(object, s, i) {
			object = b.hoist(object)
		}
		if !constant(key) && (syntax.Variable(key) == 0 || assignedAfter(key, s, i)) {
			key = b.hoist(key)
		}
		targets[i] = at(target, &ast.AttrGetExpr{Object: object, Key: key})
	}
	b.assign(targets, s.Rhs, len(s.Lhs) == len(s.Rhs) && len(s.Rhs) > 1 && direct(targets[len(targets)-1], s.Rhs))
	return b.block
}

// direct says whether the last of values can be assigned to target as it is.
func direct(target ast.Expr, values []ast.Expr) bool {
	last := values[len(values)-1]
	switch target.(type) {
	case *ast.IdentExpr:
		return syntax.Variable(target) == 0 || !misses(last, false, true, true)
	}
	return !mayCall(last)
}

// lowering writes the statements of a block.
type lowering struct {
	s      *ast.AssignStmt
	block  *ast.DoBlockStmt
	names  int
	blocks *blocks
	outer  int // the block around it
}

func (f *fixer) newLowering(s *ast.AssignStmt) *lowering {
	return &lowering{s: s, block: at(s, &ast.DoBlockStmt{}), blocks: f.blocks, outer: f.blocks.open(false)}
}

func (b *lowering) end() { b.blocks.current = b.outer }

// local declares n variables with the given values.
func (b *lowering) local(n int, values ...ast.Expr) []ast.Expr {
	declaration := at(b.s, &ast.LocalAssignStmt{Exprs: values})
	variables := make([]ast.Expr, n)
	for i := range variables {
		b.names++
		name := temporary(b.names)
		declaration.Names = append(declaration.Names, name)
		variables[i] = at(b.s, &ast.IdentExpr{Value: name})
		b.blocks.markAnew(variables[i])
	}
	if len(values) > 0 {
		declaration.SetLine(values[0].Line())
	}
	b.blocks.markAnew(declaration)
	b.blocks.declare(declaration.Names...)
	b.block.Stmts = append(b.block.Stmts, declaration)
	return variables
}

// hoist puts the value of e into a variable.
func (b *lowering) hoist(e ast.Expr) ast.Expr {
	syntax.Single(e)
	return b.local(1, e)[0]
}

// assign assigns values to targets, the last one without a variable if direct.
func (b *lowering) assign(targets, values []ast.Expr, direct bool) {
	n := len(targets)
	if direct {
		last := values[n-1]
		several(last)
		values = b.local(n-1, values[:n-1]...)
		values = append(values, last)
	} else {
		values = b.local(n, values...)
	}
	for i := n - 1; i >= 0; i-- {
		b.blocks.markAnew(targets[i])
		b.block.Stmts = append(b.block.Stmts, at(targets[i], &ast.AssignStmt{
			Lhs: targets[i : i+1 : i+1],
			Rhs: values[i : i+1 : i+1],
		}))
	}
}

// late lowers t[k] = value, whose k is a variable that a function inside assigns to. Lua 5.1
// reads it after the value was computed; gopher-lua reads it before, which shows if the value
// changes it.
func (f *fixer) late(s *ast.AssignStmt, target ast.AttrGetExpr) ast.Stmt {
	b := f.newLowering(s)
	defer b.end()
	if syntax.Variable(target.Object) == 0 {
		target.Object = b.hoist(target.Object)
	}
	b.assign([]ast.Expr{&target}, s.Rhs, false)
	return b.block
}

func constant(e ast.Expr) bool {
	_, ok := e.(ast.ConstExpr)
	return ok
}

// mayCall says whether e may call a function.
func mayCall(e ast.Expr) bool {
	switch e := e.(type) {
	case ast.ConstExpr, *ast.FunctionExpr, *ast.Comma3Expr, *ast.IdentExpr:
		return false
	case *ast.TableExpr:
		return len(e.Fields) > 0
	}
	return true
}
