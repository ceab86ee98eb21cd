package iolib_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/iolib"
	"luaspawn/luabind/internal/vm"
)

// remembering remembers the file that was opened last.
type remembering struct {
	afero.Fs
	last afero.File
}

func (r *remembering) OpenFile(name string, flag int, perm os.FileMode) (f afero.File, err error) {
	f, err = r.Fs.OpenFile(name, flag, perm)
	r.last = f
	return f, err
}

// What a script has written when Salvage is called is in its file afterwards, and
// nothing torn, though the script goes on writing.
func TestSalvage(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	held := false
	fsys := &remembering{Fs: afero.NewOsFs()}
	t.Cleanup(func() { fsys.last.Close() }) // before its directory is removed
	h := &iolib.Host{Fs: fsys, Holding: func() { held = true }}
	L := lua.NewState() // nobody closes it, nor h: that would wait like the script
	vm.Adopt(L)
	iolib.OpenIO(L, h)
	var written atomic.Int64
	begun := make(chan struct{})
	glua.SetNamed(L.G.Global, "wrote", L.NewFunction(func(L *lua.LState) int {
		if n := L.CheckInt64(1); written.Swap(n) < 5000 && n >= 5000 {
			close(begun)
		}
		return 0
	}))
	glua.SetNamed(L.G.Global, "name", lua.LString(name))
	go func() {
		t.Error(L.DoString(`
		local f = io.open(name, "w")
		for n = 1, math.huge do
			f:write("line ", n, "\n")
			wrote(n)
		end`)) // it never ends: Salvage sees to that
	}()
	<-begun
	least := written.Load()
	h.Salvage(t.Context())
	if !held {
		t.Error("nobody was told of the file")
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := int64(bytes.Count(got, []byte("\n")))
	if lines < least {
		t.Errorf("%d lines, %d were written before", lines, least)
	}
	var want bytes.Buffer
	for n := range lines {
		fmt.Fprintf(&want, "line %d\n", n+1)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("torn: %d bytes, want %d", len(got), want.Len())
	}
}
