package compile

import (
	"slices"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"

	"luaspawn/luabind/internal/syntax"
)

// Keeper is the name under which a piece of a session has the function that it
// calls behind each local statement at its top level, with a closure that has
// the variables of that statement as its upvalues. No script can name it.
const Keeper = "(keeper)"

// CompilePiece compiles a chunk that is a piece of a session: the functions that
// it makes see locals, which pieces before it have declared, and those that it
// declares at its top level live on for pieces after it.
//
//	local (keeper), a, b                   a and b: locals
//	return function()                      the piece
//	  local x = a
//	  (keeper)(function() return x end)
//	end
//
// What runs is not that chunk but the function in it, whose upvalues the caller
// fills in by their names.
func CompilePiece(tree *syntax.Tree, name string, locals []string) (*lua.FunctionProto, error) {
	chunk := tree.Stmts
	piece := &ast.FunctionExpr{ParList: &ast.ParList{}, Stmts: keepLocals(chunk)}
	if n := len(chunk); n > 0 {
		piece.SetLastLine(chunk[n-1].Line())
	}
	tree.Stmts = []ast.Stmt{
		&ast.LocalAssignStmt{Names: append([]string{Keeper}, locals...)},
		&ast.ReturnStmt{Exprs: []ast.Expr{piece}},
	}
	return Compile(tree, name)
}

// keepLocals puts the call of the keeper behind each local statement.
func keepLocals(chunk []ast.Stmt) []ast.Stmt {
	out := make([]ast.Stmt, 0, len(chunk))
	for _, s := range chunk {
		out = append(out, s)
		local, ok := s.(*ast.LocalAssignStmt)
		if !ok {
			continue
		}
		names := &ast.ReturnStmt{}
		for i, name := range local.Names {
			if !slices.Contains(local.Names[i+1:], name) {
				names.Exprs = append(names.Exprs, at(s, &ast.IdentExpr{Value: name}))
			}
		}
		names.SetLine(s.Line())
		variables := at(s, &ast.FunctionExpr{ParList: &ast.ParList{}, Stmts: []ast.Stmt{names}})
		keep := &ast.FuncCallStmt{Expr: at(s, &ast.FuncCallExpr{
			Func: at(s, &ast.IdentExpr{Value: Keeper}),
			Args: []ast.Expr{variables},
		})}
		keep.SetLine(s.Line())
		out = append(out, keep)
	}
	return out
}
