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
	case *ast.AttrGetExpr:
		return before(e.Object)
	case *ast.ArithmeticOpExpr:
		return before(e.Lhs)
	case *ast.StringConcatOpExpr:
		return before(e.Lhs)
	case *ast.RelationalOpExpr:
		return before(e.Lhs)
	case *ast.LogicalOpExpr:
		return before(e.Lhs) || callsFirst(e.Rhs)
	case *ast.UnaryMinusOpExpr:
		return before(e.Expr)
	case *ast.UnaryNotOpExpr:
		return before(e.Expr)
	case *ast.UnaryLenOpExpr:
		return before(e.Expr)
	}
	return false
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
