package lua51

import (
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// What the tree can't say to the compiler travels to patcher in line numbers.
//
//	 62    61          32 31    24 23   0
//	| 0 |  block         |  goto  | line |
//	| 1 |  literal       |   0    | line |
//
// Block is a number of blocks, goto one more than the number of variables that a
// goto leaves alone, literal an index in fixer.literals. Blocks are marked last.
const (
	lineMask    = 1<<gotoShift - 1
	gotoShift   = 24
	gotoMask    = 0xff
	blockShift  = 32
	blockMask   = 1<<30 - 1
	literalMark = 1 << 62
)

// manyFields is how many fields a constructor has whose literals are set aside.
const manyFields = 500

// setLiteralsAside puts true in place of the numbers and strings of x: the
// compiler compares each constant with all that it has so far, which for the
// table of a large data file takes minutes.
func (f *fixer) setLiteralsAside(x *ast.TableExpr) {
	if strconv.IntSize < 64 {
		return // no place for the marks
	}
	for _, field := range x.Fields {
		field.Key = f.setAside(field.Key)
		field.Value = f.setAside(field.Value)
	}
}

func (f *fixer) setAside(e ast.Expr) ast.Expr {
	if e == nil || e.Line() >= 1<<gotoShift {
		return e
	}
	var value lua.LValue
	switch x := e.(type) {
	case *ast.StringExpr:
		value = lua.LString(x.Value)
	case *ast.NumberExpr:
		value = numberOf(x)
	case *ast.UnaryMinusOpExpr:
		inner, ok := x.Expr.(*ast.NumberExpr)
		if !ok {
			return e
		}
		value = -numberOf(inner)
	default:
		return e
	}
	f.literals = append(f.literals, value)
	stand := at(e, &ast.TrueExpr{})
	var mark uint64 = literalMark | uint64(len(f.literals)-1)<<blockShift
	stand.SetLine(e.Line() | int(mark))
	return stand
}

// numberOf returns the value of a literal.
func numberOf(x *ast.NumberExpr) lua.LNumber {
	n, _ := strconv.ParseFloat(x.Value, 64) // infinite beyond the range
	return lua.LNumber(n)
}

// divideLater keeps the compiler from computing 1/-0, which Lua 5.1 leaves for
// when it runs: the constant -0 is then the function's 0 if it has that already.
// A string is no constant number. 1/0, which functions have for infinity, gives
// the same at once.
func divideLater(x *ast.ArithmeticOpExpr) {
	minus, ok := x.Rhs.(*ast.UnaryMinusOpExpr)
	if !ok || x.Operator != "/" {
		return
	}
	if zero, ok := minus.Expr.(*ast.NumberExpr); !ok || numberOf(zero) != 0 {
		return
	}
	for e := &x.Lhs; ; {
		switch left := (*e).(type) {
		case *ast.UnaryMinusOpExpr:
			e = &left.Expr
			continue
		case *ast.NumberExpr:
			*e = at(left, &ast.StringExpr{Value: left.Value})
		}
		return
	}
}
