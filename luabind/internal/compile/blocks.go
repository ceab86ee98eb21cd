package compile

import (
	"slices"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// The compiler notes for each local variable from which instruction to which it
// lives, but the end with a wrong one where a block was closed before. So the fixer
// marks each line number with its block, and the patcher reads from the code where
// the block of a variable ends.

// blocks has the blocks of a chunk, and the variables in them.
type blocks struct {
	parents   []int // of each block, by number; 0: none, of the block of a function
	functions []int // the block of the function around it
	current   int
	variables map[int][]variable // of each function, by its block, as they are declared
	ends      []int              // of each block: past its last instruction
	aside     []int              // of each literal that is set aside: the block that it stands in
}

type variable struct {
	name   string
	block  int
	hidden bool // a loop's own, which lives from the first of its named ones on
}

func newBlocks() *blocks {
	return &blocks{parents: []int{0}, functions: []int{0}, variables: map[int][]variable{}}
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

// first marks s, which declares a variable before all others of the function with that block.
func (b *blocks) first(function int, s *ast.LocalAssignStmt) {
	current := b.current
	b.current = function
	b.mark(s)
	b.current = current
	b.variables[function] = slices.Insert(b.variables[function], 0, variable{s.Names[0], function, false})
}

// mark marks the lines of n with the current block, where they have no mark yet.
func (b *blocks) mark(n ast.PositionHolder) {
	const marked = literalMark | blockBits
	mark := min(b.current, blockMask) << blockShift
	if line := n.Line(); line&marked == 0 {
		n.SetLine(line | mark)
	}
	if line := n.LastLine(); line&marked == 0 {
		n.SetLastLine(line | mark)
	}
}

// markAnew marks n, whatever mark it has, as what stands in the current block.
func (b *blocks) markAnew(n ast.PositionHolder) {
	n.SetLine(unmarked(n.Line()))
	if n.LastLine() > 0 {
		n.SetLastLine(unmarked(n.LastLine()))
	}
	b.mark(n)
}

// unmarked returns a line without its block.
func unmarked(line int) int { return line &^ blockBits }

// lifetimes sets where the variables of function end, and takes the marks away.
func (b *blocks) lifetimes(function *lua.FunctionProto) {
	if b.ends == nil {
		b.ends = make([]int, len(b.parents))
	}
	root := 0
	for pc, line := range function.DbgSourcePositions {
		block := line >> blockShift
		if line&literalMark != 0 {
			block = b.aside[block&blockMask]
		}
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
