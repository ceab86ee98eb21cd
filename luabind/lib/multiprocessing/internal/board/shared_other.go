//go:build !linux || portable

package board

import (
	"errors"
	"os"
)

// A Board is open in this process. Elsewhere than on Linux there is none, and a nil one does
// nothing.
type Board struct{}

// A Page is where this process writes.
type Page struct{}

// Open opens the board at the beginning of a file.
func Open(*os.File) (*Board, error) { return nil, errors.ErrUnsupported }

func (b *Board) Enter(string, int) int          { return 0 }
func (b *Board) Started(int, int)               {}
func (b *Board) Leave(int)                      {}
func (b *Board) Page(int) (*Page, error)        { return nil, errors.ErrUnsupported }
func (b *Board) Look() []*Process               { return nil }
func (b *Board) turns(list []*Process) []uint64 { return make([]uint64, len(list)) }

func (p *Page) Begin(*Wait) {}
func (p *Page) End()        {}
func (p *Page) Say(string)  {}
