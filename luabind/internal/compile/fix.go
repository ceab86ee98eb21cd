// Package compile compiles trees to prototypes that behave as in Lua 5.1:
//
//	package syntax's []ast.Stmt
//	  --> fixer      rewrites in the tree what gopher-lua compiles wrongly
//	  --> gopher-lua's Compile
//	  --> patcher    corrects its code
//	  --> prototype
//
// Each mend has a test in package vm that shows bare gopher-lua to need it still: when
// that test fails, the mend can go.
package compile

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"

	"luaspawn/luabind/internal/syntax"
)

// Error is what is wrong with a chunk.
type Error = syntax.Error

// Compile compiles a chunk that package syntax has parsed so that it does what Lua 5.1
// does. The tree is changed. Errors of the chunk are *Error.
func Compile(tree *syntax.Tree, name string) (proto *lua.FunctionProto, err error) {
	f := &fixer{name: name, tree: tree}
	chunk, err := f.chunk(tree.Stmts)
	if err != nil {
		return nil, err
	}
	p := patcher{f.literals, markBlocks(chunk)}
	proto, err = lua.Compile(chunk, name)
	if err, ok := err.(*lua.CompileError); ok {
		return nil, compileError(name, chunk, err)
	}
	if err == nil {
		err = p.patch(proto, name)
	}
	return proto, err
}

// compileError words an error of gopher-lua's compiler. It has 200 registers for a
// function, where Lua 5.1 has 250.
func compileError(name string, chunk []ast.Stmt, err *lua.CompileError) *Error {
	e := &Error{Name: name, Line: err.Line & lineMask, Message: err.Message}
	switch e.Message {
	case "register overflow(too many local variables)", "register overflow", "too many local variables":
		e.Message = "function or expression too complex"
	}
	if e.Line == 0 && len(chunk) > 0 { // in no function
		e.Line = chunk[0].Line() & lineMask
	}
	return e
}

// maxChain bounds what nests only in the tree (a + b + c ..., elseif ...), and is
// unbounded in Lua 5.1: both this pass and the compiler recurse.
const maxChain = 10_000

// fixer is the pass over one chunk. Which variable a name stands for the parser has written
// into the tree.
type fixer struct {
	name   string
	tree   *syntax.Tree
	err    error // the first; nothing is done after it
	locals int   // variables in scope, those of the functions around too
	fn     *function
	block  *block
	closed *block // the last one that was
	chain  int

	literals []lua.LValue // set aside
}

// chunk returns what is to be compiled in place of stmts.
func (f *fixer) chunk(stmts []ast.Stmt) ([]ast.Stmt, error) {
	f.openFunction(0)
	f.openBlock(false)
	stmts = f.statements(stmts)
	f.closeBlock()
	stmts = f.withVariable(stmts)
	f.closeFunction()
	return stmts, f.err
}

func (f *fixer) fail(line int, format string, args ...any) {
	if f.err == nil {
		f.err = &Error{Name: f.name, Line: line, Message: fmt.Sprintf(format, args...)}
	}
}

// link goes one link further along a chain and says whether that is allowed.
func (f *fixer) link(line int) bool {
	f.chain++
	if f.chain > maxChain {
		f.fail(line, "chunk has too many syntax levels")
	}
	return f.err == nil
}

// body is a block of its own, with so many variables declared in it.
// Loop says that break leaves it.
func (f *fixer) body(stmts []ast.Stmt, loop bool, declared int) []ast.Stmt {
	f.openBlock(loop)
	f.locals += declared
	stmts = f.statements(stmts)
	f.closeBlock()
	return stmts
}

// statements does the statements of the current block.
func (f *fixer) statements(stmts []ast.Stmt) []ast.Stmt {
	stmts = f.startWithCode(stmts)
	for i := range stmts {
		if f.err != nil {
			break
		}
		f.statement(stmts, i)
	}
	return stmts
}

func (f *fixer) statement(stmts []ast.Stmt, i int) {
	switch s := stmts[i].(type) {
	case *ast.LocalAssignStmt:
		f.localStatement(s)
	case *ast.AssignStmt:
		f.expressions(s.Lhs)
		f.expressions(s.Rhs)
		f.assignment(&stmts[i], s)
	case *ast.FuncCallStmt:
		f.expression(s.Expr)
	case *ast.DoBlockStmt:
		s.Stmts = f.body(s.Stmts, false, 0)
	case *ast.WhileStmt:
		s.Condition = f.condition(s.Condition)
		s.Stmts = f.body(s.Stmts, true, 0)
		f.leaveLoop(&stmts[i])
	case *ast.RepeatStmt:
		f.repeat(s)
		f.leaveLoop(&stmts[i])
	case *ast.IfStmt:
		f.ifStatement(s)
	case *ast.NumberForStmt:
		f.expression(s.Init)
		f.expression(s.Limit)
		f.expression(s.Step)
		s.Stmts = f.body(s.Stmts, true, 1+hidden)
		f.leaveLoop(&stmts[i])
	case *ast.GenericForStmt:
		if callsFirst(s.Exprs[0]) {
			stmts[i] = withVariables(s)
			f.statement(stmts, i)
			return
		}
		f.expressions(s.Exprs)
		declared := len(s.Names) + hidden
		fillGenericFor(s)
		s.Stmts = f.body(s.Stmts, true, declared)
		f.leaveLoop(&stmts[i])
	case *ast.FuncDefStmt:
		if s.Name.Func == nil {
			f.expression(s.Name.Receiver)
			f.function(s.Func, 1)
		} else {
			f.expression(s.Name.Func)
			f.function(s.Func, 0)
		}
	case *ast.ReturnStmt:
		f.expressions(s.Exprs)
	case *ast.BreakStmt:
		f.breakStatement(&stmts[i], s)
	case *ast.LabelStmt:
		f.label(s, stmts[i+1:])
	case *ast.GotoStmt:
		f.block.gotos = append(f.block.gotos, jump{s, f.locals - f.fn.first})
	}
}

func (f *fixer) localStatement(s *ast.LocalAssignStmt) {
	if syntax.IsLocalFunction(s) {
		f.locals++
		f.expressions(s.Exprs)
		return
	}
	f.expressions(s.Exprs)
	if syntax.NamesAnother(s) { // gopher-lua takes it for this one, unless there is another value
		s.SetLastLine(0)
		s.Exprs = append(s.Exprs, at(s, &ast.NilExpr{}))
	}
	f.locals += len(s.Names)
}

func (f *fixer) ifStatement(s *ast.IfStmt) {
	s.Condition = f.condition(s.Condition)
	s.Then = f.body(s.Then, false, 0)
	if len(s.Else) == 1 { // elseif, mostly; PUC Lua has no level for it
		if next, ok := s.Else[0].(*ast.IfStmt); ok {
			if f.link(s.Line()) {
				f.openBlock(false)
				f.ifStatement(next)
				f.closeBlock()
			}
			f.chain--
			return
		}
	}
	if len(s.Else) > 0 {
		s.Else = f.body(s.Else, false, 0)
	}
}

// repeat lets the condition see the variables of the body.
func (f *fixer) repeat(s *ast.RepeatStmt) {
	f.openBlock(true)
	f.block.repeat = true
	s.Stmts = f.statements(s.Stmts)
	f.expression(s.Condition)
	f.closeBlock()
}

// fillGenericFor gives the loop all of its three values, which gopher-lua
// leaves as they were where fewer are given
// (https://github.com/yuin/gopher-lua/issues/514).
func fillGenericFor(s *ast.GenericForStmt) {
	n := len(s.Exprs)
	if !multiple(s.Exprs[n-1]) {
		for ; n < 3; n++ {
			s.Exprs = append(s.Exprs, at(s, &ast.NilExpr{}))
		}
		return
	}
	// gopher-lua takes all values of the last one only if there is a name
	// beside it, and drops even its first if it is a third without one.
	if n == 2 && len(s.Names) == 1 {
		s.Names = append(s.Names, "(for nothing)")
	}
	if n == 3 && len(s.Names) < 3 {
		s.Exprs = append(s.Exprs, at(s, &ast.NilExpr{}))
	}
}

// function does a function expression, which has so many parameters that aren't written.
func (f *fixer) function(fn *ast.FunctionExpr, unwritten int) {
	f.openFunction(fn.Line())
	f.openBlock(false)
	f.locals += unwritten + len(fn.ParList.Names)
	if fn.ParList.HasVargs {
		f.locals++ // arg
	}
	fn.Stmts = f.statements(fn.Stmts)
	f.closeBlock()
	fn.Stmts = f.withVariable(fn.Stmts)
	f.closeFunction()
}

// withVariable gives a function with a very long constructor a variable before
// all others: the compiler takes the word behind the code of such a constructor
// for an instruction that it may drop if there is none.
func (f *fixer) withVariable(stmts []ast.Stmt) []ast.Stmt {
	if !f.fn.long {
		return stmts
	}
	for _, g := range f.fn.marked {
		g.SetLine(g.Line() + 1<<gotoShift) // one more that it leaves alone
	}
	nothing := &ast.LocalAssignStmt{Names: []string{"(nothing)"}}
	nothing.SetLine(f.fn.line)
	return append([]ast.Stmt{nothing}, stmts...)
}

// at gives e the line of s.
func at[E ast.PositionHolder](s ast.PositionHolder, e E) E {
	e.SetLine(s.Line())
	e.SetLastLine(s.Line())
	return e
}

// multiple says whether e stands for any number of values where it is the last.
func multiple(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		return !e.AdjustRet
	case *ast.Comma3Expr:
		return !e.AdjustRet
	}
	return false
}
