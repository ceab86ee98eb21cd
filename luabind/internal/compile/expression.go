package compile

import (
	"github.com/yuin/gopher-lua/ast"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/syntax"
)

// expressions does what is computed into registers, or assigned to.
func (f *fixer) expressions(list []ast.Expr) {
	for i, e := range list {
		f.expression(e)
		list[i] = f.spare(e)
	}
}

// expression does e; nil is nothing. What stands to the left of an operator, of
// a call or of an index is a link of a chain.
func (f *fixer) expression(e ast.Expr) {
	if f.err != nil {
		return
	}
	switch x := e.(type) {
	case nil:
		return
	case *ast.FunctionExpr:
		f.function(x)
		return
	}
	f.blocks.mark(e)
	switch x := e.(type) {
	case *ast.FuncCallExpr:
		if x.Func != nil {
			f.chained(x.Func)
		} else {
			f.chained(x.Receiver)
		}
		f.expressions(x.Args)
	case *ast.TableExpr:
		f.table(x)
	case *ast.LogicalOpExpr:
		f.operands(e)
		f.labels(e, labelsOfLogical+decided(x.Lhs)+decided(x.Rhs))
		steadyStart(x)
	case *ast.AttrGetExpr:
		f.operands(e)
		x.Key = f.spare(x.Key)
	case *ast.RelationalOpExpr:
		f.operands(e)
		f.labels(e, labelsOfRelational)
		x.Lhs, x.Rhs = f.spare(x.Lhs), f.spare(x.Rhs)
	case *ast.StringConcatOpExpr:
		f.operands(e)
		x.Lhs, x.Rhs = f.spare(x.Lhs), f.spare(x.Rhs)
	case *ast.ArithmeticOpExpr:
		f.operands(e)
		f.fold(x)
		if _, folded := constantNumber(x); !folded {
			x.Lhs, x.Rhs = f.spare(x.Lhs), f.spare(x.Rhs)
		}
	case *ast.UnaryMinusOpExpr:
		f.expression(x.Expr)
		foldMinus(x)
	case *ast.UnaryNotOpExpr:
		f.expression(x.Expr)
	case *ast.UnaryLenOpExpr:
		f.expression(x.Expr)
	}
}

func (f *fixer) operands(e ast.Expr) {
	left, right := operands(e)
	f.chained(left)
	f.expression(right)
}

// operands returns those of an index or operator; nil, nil: e is none; a nil second: it has one.
func operands(e ast.Expr) (first, second ast.Expr) {
	switch x := e.(type) {
	case *ast.AttrGetExpr:
		return x.Object, x.Key
	case *ast.LogicalOpExpr:
		return x.Lhs, x.Rhs
	case *ast.RelationalOpExpr:
		return x.Lhs, x.Rhs
	case *ast.StringConcatOpExpr:
		return x.Lhs, x.Rhs
	case *ast.ArithmeticOpExpr:
		return x.Lhs, x.Rhs
	case *ast.UnaryMinusOpExpr:
		return x.Expr, nil
	case *ast.UnaryNotOpExpr:
		return x.Expr, nil
	case *ast.UnaryLenOpExpr:
		return x.Expr, nil
	}
	return nil, nil
}

func (f *fixer) chained(e ast.Expr) {
	if f.link(e.Line()) {
		f.expression(e)
	}
	f.chain--
}

// table does a constructor. gopher-lua takes a call for the rest of the list
// also where it is the value of a named field.
func (f *fixer) table(x *ast.TableExpr) {
	bridge(x)
	items := 0
	for i, field := range x.Fields {
		if field.Key == nil {
			items++
		} else {
			f.expression(field.Key)
			if i == len(x.Fields)-1 {
				syntax.Single(field.Value)
			}
		}
		f.expression(field.Value)
	}
	if n := len(x.Fields); n > 0 && x.Fields[n-1].Key == nil {
		switch last := x.Fields[n-1].Value.(type) { // Lua 5.1 has read the "}" when it stores the last item
		case *ast.NumberExpr, *ast.StringExpr, *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr, *ast.IdentExpr:
			last.SetLine(max(last.Line(), x.LastLine()))
		}
	}
	if items >= glua.ItemsPerFlush*maxSetList {
		f.fn.long = true
	}
	for _, field := range x.Fields {
		field.Key, field.Value = f.spare(field.Key), f.spare(field.Value)
	}
}

// bridge joins the last two items of a list into what one call gives if the
// last begins where an OP_SETLIST has no place for its number: the compiler
// leaves one for lists that are longer by then, not for this.
func bridge(x *ast.TableExpr) {
	last := len(x.Fields) - 1
	if last < glua.ItemsPerFlush*maxSetList || x.Fields[last].Key != nil || !multiple(x.Fields[last].Value) {
		return
	}
	items, before := 0, 0
	for i, field := range x.Fields[:last] {
		if field.Key == nil {
			items++
			before = i
		}
	}
	if items != glua.ItemsPerFlush*maxSetList || before != last-1 {
		return
	}
	item, rest := x.Fields[before].Value, x.Fields[last].Value
	all := at(rest, &ast.FunctionExpr{
		ParList: &ast.ParList{HasVargs: true},
		Stmts:   []ast.Stmt{at(rest, &ast.ReturnStmt{Exprs: []ast.Expr{at(rest, &ast.Comma3Expr{})}})},
	})
	x.Fields[before].Value = at(rest, &ast.FuncCallExpr{Func: all, Args: []ast.Expr{item, rest}})
	x.Fields = x.Fields[:last]
}

// steadyStart replaces a constant with which x begins, if it is a jump and
// nothing else there (see startWithCode), by a computed one.
func steadyStart(x *ast.LogicalOpExpr) {
	slot, decides := &x.Lhs, true // whether its value may be that of x
	for {
		inner, ok := (*slot).(*ast.LogicalOpExpr)
		if !ok {
			break
		}
		decides = decides && inner.Operator == x.Operator
		slot, x = &inner.Lhs, inner
	}
	e := *slot
	not := func(inner ast.Expr) { *slot = at(e, &ast.UnaryNotOpExpr{Expr: at(e, inner)}) }
	switch e.(type) {
	case *ast.FalseExpr:
		not(&ast.TrueExpr{})
	case *ast.TrueExpr:
		not(&ast.FalseExpr{})
	case *ast.NilExpr:
		if !decides || x.Operator == "or" {
			not(&ast.TrueExpr{})
		}
	case *ast.NumberExpr, *ast.StringExpr:
		if !decides || x.Operator == "and" {
			not(&ast.FalseExpr{})
		}
	}
}

// misses says whether gopher-lua, with a local variable as the target of the
// logical expression e, gives it something else than the result: the value of an
// operand that only decides which one is next, or, of one that is the result,
// nothing.
//
// The arguments are as in the compiler, which jumps to one of two labels after
// an operand: toThen if it is true, to the other one if not, and stays if that
// is next; thenEnd and elseEnd say which of them are the end.
func misses(e ast.Expr, toThen, thenEnd, elseEnd bool) bool {
	switch x := e.(type) {
	case *ast.LogicalOpExpr:
		if x.Operator == "and" {
			return misses(x.Lhs, false, false, elseEnd) || misses(x.Rhs, toThen, thenEnd, elseEnd)
		}
		return misses(x.Lhs, true, thenEnd, false) || misses(x.Rhs, toThen, thenEnd, elseEnd)
	case ast.ConstExpr, *ast.RelationalOpExpr:
		return false
	}
	switch {
	case toThen:
		return !thenEnd
	case thenEnd && elseEnd: // the last operand
		return false
	}
	return elseEnd && syntax.Variable(e) == 0
}
