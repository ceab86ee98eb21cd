package iolib_test

import (
	"os"
	"sync/atomic"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind/internal/lualib/iolib"
)

// counting counts what is written to its files.
type counting struct {
	afero.Fs
	written *atomic.Int64
}

func (c counting) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	f, err := c.Fs.OpenFile(name, flag, perm)
	return countingFile{f, c.written}, err
}

type countingFile struct {
	afero.File
	written *atomic.Int64
}

func (f countingFile) Write(b []byte) (int, error) {
	f.written.Add(int64(len(b)))
	return f.File.Write(b)
}

// Nobody sees what a temporary file has held back that its script has forgotten. In memory
// a script that made thousands of them, each with a hole of 64 MB, took all there was when
// these were written at its end, though it had flushed none.
func TestForgottenTemporaryFilesAreNotWritten(t *testing.T) {
	fsys := counting{afero.NewMemMapFs(), new(atomic.Int64)}
	h := &iolib.Host{Fs: fsys}
	L := newState(t, h)
	if err := run(L, "x", `for i = 1, 1000 do local f = io.tmpfile() f:seek("set", 2^26 - 1) f:write("x") end`); err != nil {
		t.Fatal(err)
	}
	if err := h.Flush(); err != nil {
		t.Error(err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if n := fsys.written.Load(); n != 0 {
		t.Errorf("%d bytes were written", n)
	}
}

// What a script flushes, reads again or closes is written.
func TestTemporaryFilesAreWritten(t *testing.T) {
	fsys := counting{afero.NewMemMapFs(), new(atomic.Int64)}
	h := &iolib.Host{Fs: fsys}
	L := newState(t, h)
	if err := run(L, "x", `
		local f, g, k = io.tmpfile(), io.tmpfile(), io.tmpfile()
		f:write("a") f:flush()
		g:write("bc") g:seek("set") assert(g:read() == "bc")
		k:write("def") k:close()`); err != nil {
		t.Fatal(err)
	}
	if n := fsys.written.Load(); n != 6 {
		t.Errorf("%d bytes were written, want 6", n)
	}
	h.Close()
}
