package lua51

import (
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// What the tree can't say to the compiler travels to patcher in line numbers.
//
//	 63     32 31    24 23   0
//	| literal |  goto  | line |
//
// Goto is one more than the number of variables that a goto leaves alone,
// literal one more than an index in fixer.literals; 0 means neither.
const (
	gotoShift    = 24
	gotoMask     = 0xff
	literalShift = 32
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
	f.patches = true
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
	mark := uint64(e.Line()) | uint64(len(f.literals))<<literalShift
	stand.SetLine(int(mark))
	return stand
}

// numberOf returns the value of a literal that fixer.number has seen.
func numberOf(x *ast.NumberExpr) lua.LNumber {
	n, _ := strconv.ParseFloat(x.Value, 64) // infinite beyond the range
	return lua.LNumber(n)
}
