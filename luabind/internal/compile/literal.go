package compile

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"

	"luaspawn/luabind/internal/lualib/numeral"
	"luaspawn/luabind/internal/syntax"
)

// What the tree can't say to the compiler travels to patcher in line numbers.
//
//	 62    61          32 31    24 23   0
//	| 0 |  block         |  goto  | line |
//	| 1 |  literal       |   0    | line |
//
// Block is a number of blocks, goto one more than the number of variables that a
// goto leaves alone, literal an index in fixer.literals.
const (
	lineMask    = 1<<gotoShift - 1
	gotoShift   = 24
	gotoMask    = 0xff
	blockShift  = 32
	blockMask   = 1<<30 - 1
	blockBits   = blockMask << blockShift
	literalMark = 1 << 62
)

// manyLiterals is how many literals a function has before further ones are set aside, and how many values of those stay.
const manyLiterals = 500

// The compiler compares each constant with all that it has so far, which for a large data file takes minutes. So literals are set
// aside that are some of very many. Those that the function has already are not, as an instruction that names its
// constant is faster than two.

// crowded counts one more literal, and says whether there are many.
func (f *fixer) crowded() bool {
	f.fn.literals++
	return f.fn.literals > manyLiterals
}

// keeps says whether a value that comes behind many literals stays where it stands: the first ones do.
func (f *fixer) keeps(value lua.LValue) bool {
	fn := f.fn
	if fn.known == nil {
		fn.known = map[lua.LValue]bool{}
	}
	if len(fn.known) < manyLiterals {
		fn.known[value] = true
	}
	return fn.known[value]
}

// spare sets e aside if it is one of very many literals.
func (f *fixer) spare(e ast.Expr) ast.Expr {
	switch e.(type) {
	case *ast.StringExpr, *ast.NumberExpr, *ast.UnaryMinusOpExpr, *ast.ArithmeticOpExpr: // as constantNumber has them
	default:
		return e
	}
	if !f.crowded() {
		return e
	}
	value := valueOf(e)
	if value == nil || value == lua.LNumber(0) || f.keeps(value) { // -0 is 0 to a function that has it
		return e
	}
	return f.setAside(e)
}

// spareGlobal sets the name of e aside, to which is assigned, if it is a global and there are very many names.
func (f *fixer) spareGlobal(e ast.Expr) {
	x, ok := e.(*ast.IdentExpr)
	if !ok || syntax.Variable(x) != 0 || !f.crowded() {
		return
	}
	if name := lua.LString(x.Value); !f.keeps(name) && f.markAside(x, x, name) {
		x.Value = "(global)"
	}
}

// setAside puts true in place of a literal. The patcher puts that back.
func (f *fixer) setAside(e ast.Expr) ast.Expr {
	value := valueOf(e)
	if value == nil {
		return e
	}
	stand := at(e, &ast.TrueExpr{})
	if !f.markAside(e, stand, value) {
		return e
	}
	return stand
}

// markAside marks what stands for e, whose value is set aside. It is false where the line leaves no
// place for that.
func (f *fixer) markAside(e, stand ast.Expr, value lua.LValue) bool {
	line := unmarked(e.Line())
	if line >= 1<<gotoShift {
		return false
	}
	stand.SetLine(line | literalMark | len(f.literals)<<blockShift)
	f.literals = append(f.literals, value)
	f.blocks.aside = append(f.blocks.aside, f.blocks.current)
	return true
}

// valueOf returns the value of a number or a string, nil if e is none.
func valueOf(e ast.Expr) lua.LValue {
	if x, ok := e.(*ast.StringExpr); ok {
		return lua.LString(x.Value)
	}
	if n, ok := constantNumber(e); ok {
		return n
	}
	return nil
}

// numberOf returns the value of a literal.
func numberOf(x *ast.NumberExpr) lua.LNumber {
	n, _ := strconv.ParseFloat(x.Value, 64) // infinite beyond the range
	return lua.LNumber(n)
}

// fold lets gopher-lua's compiler compute what Lua 5.1's does, which leaves a
// division by zero and what isn't a number for when it runs, and let it give what
// comes out then: its % is another one. A result stands there as a product with 1.
// An operand that is to wait is a string, which is no constant number.
//
// Which of 0 and -0 a function has as its constant, the first one that it has
// anything to do with, hangs on this too.
func (f *fixer) fold(x *ast.ArithmeticOpExpr) {
	left, ok := constantNumber(x.Lhs)
	if !ok {
		return
	}
	right, ok := constantNumber(x.Rhs)
	if !ok {
		return
	}
	opcode := opcodes[x.Operator]
	if right != 0 || opcode != lua.OP_DIV && opcode != lua.OP_MOD {
		if result := numeral.Operate(opcode, left, right); result == result {
			x.Operator, x.Lhs, x.Rhs = "*", literal(x, result), literal(x, 1)
			return
		}
	}
	x.Lhs = f.setAside(literal(x.Lhs, left))
	if _, still := x.Lhs.(*ast.NumberExpr); still { // a string is no constant number
		x.Lhs = at(x.Lhs, &ast.StringExpr{Value: strings.Replace(number(left), "Inf", "1e999", 1)})
	}
}

// foldMinus is fold for -x.
func foldMinus(x *ast.UnaryMinusOpExpr) {
	if n, ok := constantNumber(x.Expr); ok {
		x.Expr = literal(x, n)
	}
}

var opcodes = map[string]int{
	"+": lua.OP_ADD, "-": lua.OP_SUB, "*": lua.OP_MUL, "/": lua.OP_DIV, "%": lua.OP_MOD, "^": lua.OP_POW,
}

// constantNumber returns the value of a literal, or of what fold or foldMinus has made of
// an expression.
func constantNumber(e ast.Expr) (n lua.LNumber, ok bool) {
	switch x := e.(type) {
	case *ast.NumberExpr:
		return numberOf(x), true
	case *ast.UnaryMinusOpExpr:
		if inner, ok := x.Expr.(*ast.NumberExpr); ok {
			return -numberOf(inner), true
		}
	case *ast.ArithmeticOpExpr:
		left, ok1 := x.Lhs.(*ast.NumberExpr)
		right, ok2 := x.Rhs.(*ast.NumberExpr)
		if ok1 && ok2 && x.Operator == "*" && right.Value == "1" {
			return numberOf(left), true
		}
	}
	return 0, false
}

// literal is a number that stands at the place of e.
func literal(e ast.Expr, n lua.LNumber) ast.Expr { return at(e, &ast.NumberExpr{Value: number(n)}) }

// number writes n so that gopher-lua reads n: not "-0", an integer for it.
func number(n lua.LNumber) string {
	if n == 0 && math.Signbit(float64(n)) {
		return "-0.0"
	}
	return strconv.FormatFloat(float64(n), 'g', -1, 64)
}
