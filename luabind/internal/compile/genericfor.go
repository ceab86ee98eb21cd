package compile

import "github.com/yuin/gopher-lua/ast"

// gopher-lua compiles the first expression behind in to where it has put the loop's
// hidden variables already, and takes a call there for one whose result it has moved
// away: what comes behind such a call, as in
//
//	for x in require("m").items(t) do
//
// takes the place of its result. So those expressions get variables of their own first.

// callsFirst says whether a call is the first thing that e computes, and not all.
func callsFirst(e ast.Expr) bool {
	before := func(e ast.Expr) bool {
		switch e.(type) {
		case *ast.FuncCallExpr, *ast.Comma3Expr:
			return true
		}
		return callsFirst(e)
	}
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		if e.Func == nil {
			return before(e.Receiver)
		}
		return before(e.Func)
	case *ast.LogicalOpExpr:
		return before(e.Lhs) || callsFirst(e.Rhs)
	}
	first, _ := operands(e)
	return first != nil && before(first)
}

// withVariables returns s with the values of its expressions in variables.
func withVariables(s *ast.GenericForStmt) ast.Stmt {
	values := at(s, &ast.LocalAssignStmt{Exprs: s.Exprs})
	s.Exprs = nil
	for n := range 3 {
		name := temporary(n + 1)
		values.Names = append(values.Names, name)
		s.Exprs = append(s.Exprs, at(s, &ast.IdentExpr{Value: name}))
	}
	return at(s, &ast.DoBlockStmt{Stmts: []ast.Stmt{values, s}})
}
