package compile

import (
	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// function is one whose statements are being done.
type function struct {
	outer  *function
	line   int // 0: the chunk
	first  int // how many variables there are around it
	block  *block
	root   int             // its own block, among fixer.blocks
	marked []*ast.GotoStmt // see fixer.mark
	long   bool            // a constructor needs a word after its code, see withVariable

	literals int                 // so far, see crowded
	known    map[lua.LValue]bool // see keeps
	labels   int                 // see fixer.labels
}

// block is a block whose statements are being done.
type block struct {
	outer  *block // in the same function
	loop   bool   // break leaves it
	left   bool   // a goto in place of a break does
	repeat bool   // a condition follows that sees its variables
	first  int    // how many variables there are around it
	around int    // the block around it, among fixer.blocks
	labels []label
	gotos  []jump
}

// jump is a goto, and how many variables there are at it.
type jump struct {
	stmt   *ast.GotoStmt
	locals int
}

// label is a label, and how many variables there are at it.
type label struct {
	name   string
	locals int
}

func (f *fixer) openFunction(line int) {
	f.fn = &function{outer: f.fn, line: line, first: f.locals, block: f.block}
	f.block = nil
}

func (f *fixer) closeFunction() {
	f.block = f.fn.block
	f.fn = f.fn.outer
}

func (f *fixer) openBlock(loop bool) {
	function := f.block == nil
	f.block = &block{outer: f.block, loop: loop, first: f.locals, around: f.blocks.open(function)}
	if function {
		f.fn.root = f.blocks.current
	}
}

func (f *fixer) closeBlock() {
	b := f.block
	for _, g := range b.gotos {
		f.goTo(b, g)
	}
	f.locals = b.first
	f.block, f.closed, f.blocks.current = b.outer, b, b.around
}
