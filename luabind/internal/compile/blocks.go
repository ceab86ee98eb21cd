package compile

import (
	"slices"
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// The compiler notes for each local variable from which instruction to which it
// lives, but the end with a wrong one where a block was closed before. So the
// last pass over the tree, blocks, marks each line number with its block, and
// the patcher reads from the code where the block of a variable ends.

// blocks is that pass over one chunk.
type blocks struct {
	parents   []int // of each block, by number; 0: none, of the block of a function
	functions []int // the block of the function around it
	current   int
	variables map[int][]variable // of each function, by its block, as they are declared
	ends      []int              // of each block: past its last instruction
}

type variable struct {
	name   string
	block  int
	hidden bool // a loop's own, which lives from the first of its named ones on
}

// markBlocks marks the tree of a chunk; nil: there is no place for marks here.
func markBlocks(chunk []ast.Stmt) *blocks {
	if strconv.IntSize < 64 {
		return nil
	}
	b := &blocks{parents: []int{0}, functions: []int{0}, variables: map[int][]variable{}}
	b.open(true)
	b.statements(chunk)
	b.ends = make([]int, len(b.parents))
	return b
}

// open begins a block and returns the one around it.
func (b *blocks) open(function bool) (outer int) {
	outer = b.current
	b.current = len(b.parents)
	if function {
		b.parents = append(b.parents, 0)
		b.functions = append(b.functions, b.current)
	} else {
		b.parents = append(b.parents, outer)
		b.functions = append(b.functions, b.functions[outer])
	}
	return outer
}

func (b *blocks) declare(names ...string) { b.add(false, names) }

func (b *blocks) declareHidden(names ...string) { b.add(true, names) }

func (b *blocks) add(hidden bool, names []string) {
	function := b.functions[b.current]
	for _, name := range names {
		b.variables[function] = append(b.variables[function], variable{name, b.current, hidden})
	}
}

// mark marks the lines of n. A line that stands for a literal stays as it is.
func (b *blocks) mark(n ast.PositionHolder) {
	const marked = literalMark | blockMask<<blockShift
	mark := uint64(min(b.current, blockMask)) << blockShift
	if line := n.Line(); uint64(line)&marked == 0 {
		n.SetLine(line | int(mark))
	}
	if line := n.LastLine(); uint64(line)&marked == 0 {
		n.SetLastLine(line | int(mark))
	}
}

func (b *blocks) block(stmts []ast.Stmt, names ...string) {
	outer := b.open(false)
	b.declare(names...)
	b.statements(stmts)
	b.current = outer
}

func (b *blocks) statements(stmts []ast.Stmt) {
	for _, s := range stmts {
		b.statement(s)
	}
}

func (b *blocks) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.GotoStmt, *ast.LabelStmt:
		return // their lines stand in messages of the compiler
	case *ast.LocalAssignStmt:
		if len(s.Names) == 1 && len(s.Exprs) == 1 {
			if fn, ok := s.Exprs[0].(*ast.FunctionExpr); ok {
				b.declare(s.Names...)
				b.function(fn)
				break
			}
		}
		b.expressions(s.Exprs)
		b.declare(s.Names...)
	case *ast.AssignStmt:
		b.expressions(s.Lhs)
		b.expressions(s.Rhs)
	case *ast.FuncCallStmt:
		b.expression(s.Expr)
	case *ast.DoBlockStmt:
		b.block(s.Stmts)
	case *ast.WhileStmt:
		b.expression(s.Condition)
		b.block(s.Stmts)
	case *ast.RepeatStmt:
		outer := b.open(false)
		b.statements(s.Stmts)
		b.expression(s.Condition)
		b.current = outer
	case *ast.IfStmt:
		b.expression(s.Condition)
		b.block(s.Then)
		b.block(s.Else)
	case *ast.NumberForStmt:
		outer := b.open(false)
		b.expressions([]ast.Expr{s.Init, s.Limit, s.Step})
		b.declareHidden("(for index)", "(for limit)", "(for step)")
		b.mark(s)
		b.block(s.Stmts, s.Name)
		b.current = outer
	case *ast.GenericForStmt:
		outer := b.open(false)
		b.declareHidden("(for generator)", "(for state)", "(for control)")
		b.expressions(s.Exprs)
		b.mark(s)
		b.block(s.Stmts, s.Names...)
		b.current = outer
	case *ast.FuncDefStmt:
		if s.Name.Func == nil {
			b.expression(s.Name.Receiver)
			b.function(s.Func, "self")
		} else {
			b.expression(s.Name.Func)
			b.function(s.Func)
		}
	case *ast.ReturnStmt:
		b.expressions(s.Exprs)
	}
	b.mark(s)
}

// function marks a function; its own lines stay, they are known to scripts.
func (b *blocks) function(fn *ast.FunctionExpr, self ...string) {
	outer := b.open(true)
	b.declare(self...)
	b.declare(fn.ParList.Names...)
	if fn.ParList.HasVargs {
		b.declare("arg")
	}
	b.statements(fn.Stmts)
	b.current = outer
}

func (b *blocks) expressions(list []ast.Expr) {
	for _, e := range list {
		b.expression(e)
	}
}

func (b *blocks) expression(e ast.Expr) {
	switch x := e.(type) {
	case nil:
		return
	case *ast.FunctionExpr:
		b.function(x)
		return
	case *ast.FuncCallExpr:
		b.expression(x.Func)
		b.expression(x.Receiver)
		b.expressions(x.Args)
	case *ast.TableExpr:
		for _, field := range x.Fields {
			b.expression(field.Key)
			b.expression(field.Value)
		}
	default:
		first, second := operands(e)
		b.expression(first)
		b.expression(second)
	}
	b.mark(e)
}

// lifetimes sets where the variables of function end, and takes the marks away.
func (b *blocks) lifetimes(function *lua.FunctionProto) {
	root := 0
	for pc, line := range function.DbgSourcePositions {
		if uint64(line)&literalMark != 0 {
			continue
		}
		block := int(uint64(line) >> blockShift)
		if root == 0 {
			root = b.functions[block]
		}
		for ; block != 0; block = b.parents[block] {
			b.ends[block] = pc + 1
		}
	}
	variables := b.variables[root]
	if len(variables) != len(function.DbgLocals) {
		return
	}
	for i, v := range variables {
		if function.DbgLocals[i].Name != v.name {
			return
		}
	}
	for i, v := range slices.Backward(variables) {
		if v.hidden { // gopher-lua lets it live while its value is computed
			next := function.DbgLocals[i+1]
			function.DbgLocals[i].StartPc = next.StartPc
			if !variables[i+1].hidden {
				function.DbgLocals[i].StartPc--
			}
		}
		end := b.ends[v.block]
		if v.block == root {
			end = len(function.Code)
		}
		function.DbgLocals[i].EndPc = max(end, function.DbgLocals[i].StartPc)
	}
}
