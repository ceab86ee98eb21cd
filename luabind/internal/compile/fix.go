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
	p := patcher{f.literals, f.blocks}
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
	case "too long to jump.":
		e.Message = "control structure too long"
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
	blocks *blocks
	chain  int

	literals []lua.LValue // set aside
}

// chunk returns what is to be compiled in place of stmts.
func (f *fixer) chunk(stmts []ast.Stmt) ([]ast.Stmt, error) {
	f.blocks = newBlocks()
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
		f.err = &Error{Name: f.name, Line: line & lineMask, Message: fmt.Sprintf(format, args...)}
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

// declare begins the scope of variables.
func (f *fixer) declare(names ...string) {
	f.locals += len(names)
	f.blocks.declare(names...)
}

// body is a block of its own, with the variables that names declares in it.
// Loop says that break leaves it.
func (f *fixer) body(stmts []ast.Stmt, loop bool, names ...string) []ast.Stmt {
	f.openBlock(loop)
	f.declare(names...)
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
	case *ast.GotoStmt, *ast.LabelStmt: // their lines stand in messages of the compiler
	case *ast.LocalAssignStmt, *ast.NumberForStmt, *ast.GenericForStmt: // see below
	default:
		f.blocks.mark(s)
	}
	f.labels(stmts[i], labelsOf(stmts[i]))
	switch s := stmts[i].(type) {
	case *ast.LocalAssignStmt:
		f.localStatement(s)
	case *ast.AssignStmt:
		f.expressions(s.Lhs)
		f.expressions(s.Rhs)
		f.assignment(&stmts[i], s)
		if stmts[i] == ast.Stmt(s) && len(s.Lhs) == 1 {
			f.spareGlobal(s.Lhs[0])
		}
	case *ast.FuncCallStmt:
		f.expression(s.Expr)
	case *ast.DoBlockStmt:
		s.Stmts = f.body(s.Stmts, false)
	case *ast.WhileStmt:
		s.Condition = f.condition(s.Condition)
		s.Stmts = f.body(s.Stmts, true)
		f.leaveLoop(&stmts[i])
	case *ast.RepeatStmt:
		f.repeat(s)
		f.leaveLoop(&stmts[i])
	case *ast.IfStmt:
		f.ifStatement(s)
	case *ast.NumberForStmt:
		outer := f.blocks.open(false)
		for _, value := range []*ast.Expr{&s.Init, &s.Limit, &s.Step} {
			f.expression(*value)
			*value = f.spare(*value)
		}
		f.blocks.declareHidden("(for index)", "(for limit)", "(for step)")
		f.forLoop(&stmts[i], outer, &s.Stmts, s.Name)
	case *ast.GenericForStmt:
		if callsFirst(s.Exprs[0]) {
			stmts[i] = withVariables(s)
			f.statement(stmts, i)
			return
		}
		outer := f.blocks.open(false)
		f.blocks.declareHidden("(for generator)", "(for state)", "(for control)")
		f.expressions(s.Exprs)
		fillGenericFor(s)
		f.forLoop(&stmts[i], outer, &s.Stmts, s.Names...)
	case *ast.FuncDefStmt:
		if s.Name.Func == nil {
			f.expression(s.Name.Receiver)
			f.function(s.Func, "self")
		} else {
			f.expression(s.Name.Func)
			f.function(s.Func)
			f.spareGlobal(s.Name.Func)
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
	function, another := syntax.IsLocalFunction(s), syntax.NamesAnother(s)
	if another {
		s.SetLastLine(0)
	}
	f.blocks.mark(s)
	if function {
		f.declare(s.Names...)
		f.expressions(s.Exprs)
		return
	}
	f.expressions(s.Exprs)
	if another { // gopher-lua takes it for this one, unless there is another value
		s.Exprs = append(s.Exprs, at(s, &ast.NilExpr{}))
	}
	f.declare(s.Names...)
}

// forLoop does the for loop at slot, whose own variables are declared in the current block: stmts are
// its statements, names its variables. outer is the block around it.
func (f *fixer) forLoop(slot *ast.Stmt, outer int, stmts *[]ast.Stmt, names ...string) {
	const hidden = 3
	f.blocks.mark(*slot)
	f.openBlock(true)
	f.locals += hidden
	f.declare(names...)
	*stmts = f.statements(*stmts)
	f.closeBlock()
	f.blocks.current = outer
	f.leaveLoop(slot)
}

func (f *fixer) ifStatement(s *ast.IfStmt) {
	s.Condition = f.condition(s.Condition)
	s.Then = f.body(s.Then, false)
	if len(s.Else) == 1 { // elseif, mostly; PUC Lua has no level for it
		if next, ok := s.Else[0].(*ast.IfStmt); ok {
			if f.link(s.Line()) {
				f.openBlock(false)
				f.blocks.mark(next)
				f.ifStatement(next)
				f.closeBlock()
			}
			f.chain--
			return
		}
	}
	if len(s.Else) > 0 {
		s.Else = f.body(s.Else, false)
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

// function does a function expression; self is its hidden parameter, if any. Its lines, which scripts know, get
// no marks.
func (f *fixer) function(fn *ast.FunctionExpr, self ...string) {
	f.openFunction(fn.Line())
	f.openBlock(false)
	f.declare(self...)
	f.declare(fn.ParList.Names...)
	if fn.ParList.HasVargs {
		f.declare("arg")
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
	f.blocks.first(f.fn.root, nothing)
	return append([]ast.Stmt{nothing}, stmts...)
}

// at gives e the line of s.
func at[E ast.PositionHolder](s ast.PositionHolder, e E) E {
	e.SetLine(s.Line())
	e.SetLastLine(s.Line())
	return e
}

// atPlain is at, without a mark.
func atPlain[E ast.PositionHolder](s ast.PositionHolder, e E) E {
	at(s, e)
	e.SetLine(unmarked(e.Line()))
	e.SetLastLine(unmarked(e.LastLine()))
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
