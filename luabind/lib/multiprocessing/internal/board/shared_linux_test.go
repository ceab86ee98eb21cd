//go:build !portable

package board

import (
	"os"
	"path/filepath"
	"testing"
)

// A process that has got the number of one on the board, which had ended, is not taken for it. It was asked by a SIGQUIT what
// it does, and ended.
func TestStranger(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "board"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(Size); err != nil {
		t.Fatal(err)
	}
	b, err := Open(f)
	if err != nil {
		t.Fatal(err)
	}
	slot := b.Enter("child", 0)
	b.Started(slot, os.Getpid())
	page, err := b.Page(slot)
	if err != nil {
		t.Fatal(err)
	}
	page.Begin(new(Wait))
	page.End()
	if list := b.Look(); len(list) != 1 || list[0].State == 0 || !list[0].Begun {
		t.Errorf("got %+v, want this process", list)
	}
	if b.sweep(); word(b.entry(slot), entryPid).Load() == 0 {
		t.Error("the place of this process is given away")
	}
	word(b.entry(slot), entryTold).Store(uint64(tick)) // after the boot
	if list := b.Look(); len(list) > 0 {
		t.Errorf("got %+v, want none: this process was started later", list)
	}
	if b.sweep(); word(b.entry(slot), entryPid).Load() != 0 {
		t.Error("its place is still taken when places are scarce")
	}
}
