package iolib_test

import (
	"archive/zip"
	"bytes"
	"embed"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/afero"
	"github.com/spf13/afero/zipfs"

	"luaspawn/luabind/internal/lualib/iolib"
)

// The zero Host reaches nothing.
func TestZeroHost(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{`return io.open("/etc/passwd")`, "nil /etc/passwd: No such file or directory 2"},
		{`return io.open("../../../../etc/passwd")`, "nil ../../../../etc/passwd: No such file or directory 2"},
		{`return pcall(io.lines, "/etc/passwd")`, "false bad argument #1 to '?' (/etc/passwd: No such file or directory)"},
		{`return pcall(io.popen, "id")`, "false 'popen' not supported"},
		{`return pcall(os.execute, "id")`, "false 'execute' not supported"},
		{`return os.execute()`, "0"},
		{`return os.getenv("PATH")`, "nil"},
		{`return io.read(), io.read("*a"), io.read(0)`, "nil  nil"},
		{`return io.write("x"), io.stderr:write("x"), io.stdout:seek()`, "true true nil Illegal seek 29"},
		{`return os.remove("/")`, "nil /: Device or resource busy 16"},
		{`return os.remove("a/..")`, "nil a/..: Device or resource busy 16"},
		{`return os.remove("/etc/passwd")`, "nil /etc/passwd: No such file or directory 2"},
		{`return os.rename("/", "x")`, "nil /: Device or resource busy 16"},
		{`io.open("d/f", "w"):close() return os.rename("d", "d/e/f")`, "nil d: Invalid argument 22"},
		{`io.open("d/f", "w"):close() return os.rename("d/f", "/")`, "nil d/f: Device or resource busy 16"},
		{`io.open("d/f", "w"):close() return os.remove("d")`, "nil d: Directory not empty " + notEmpty},
		{`io.open("d/f", "w"):close() return io.open("d", "w")`, "nil d: Is a directory 21"},
		{`local f = io.open("f", "w") return f:seek("set", 2^50)`, "nil File too large 27"},
		{`local f = io.open("f", "w+") f:seek("set", 100) return f:read("*a"), f:read()`, " nil"},
		{`return io.open("f", "w"):seek("end", -1)`, "nil Invalid argument 22"},
		{`return io.open("a\0b", "w")`, "nil a\x00b: Invalid argument 22"},
		{`return #os.tmpname(), io.tmpfile():write("x")`, tempName + " true"},
	} {
		h := &iolib.Host{}
		L := newState(t, h)
		if err := L.DoString(c.source); err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		var got []string
		for i := 1; i <= L.GetTop(); i++ {
			got = append(got, L.ToStringMeta(L.Get(i)).String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.source, strings.Join(got, " "), c.want)
		}
	}
}

// Each io.write is one Write, so that lines of several processes stay whole.
func TestWritesOnce(t *testing.T) {
	var got []string
	h := &iolib.Host{Stdout: writerFunc(func(b []byte) (int, error) {
		got = append(got, string(b))
		return len(b), nil
	})}
	L := newState(t, h)
	if err := run(L, "x", `
		io.write("a", 1, "b\n") io.stdout:setvbuf("full") io.write("c") io.write() io.stdout:write("d", "e")
		pcall(io.write, "f", {}) io.write(("x"):rep(100000))`); err != nil {
		t.Fatal(err)
	}
	want := []string{"a1b\n", "c", "de", "f", strings.Repeat("x", 100000)}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %.60q, want %.60q", got, want)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Others that read standard input continue where the script is.
func TestInput(t *testing.T) {
	h := &iolib.Host{Stdin: strings.NewReader(stdin)}
	L := newState(t, h)
	if err := run(L, "x", `assert(io.read() == "first")`); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(io.LimitReader(h.Input(), 7))
	if string(b) != "second\n" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
	if err := run(L, "x", `assert(io.read() == "third" and not io.read())`); err != nil {
		t.Error(err)
	}
}

// counted counts the files that are open.
type counted struct {
	afero.Fs
	mu     sync.Mutex
	open   int
	closed chan struct{}
}

type countedFile struct {
	afero.File
	fs *counted
}

func (c *counted) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	f, err := c.Fs.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	return &countedFile{f, c}, nil
}

func (f *countedFile) Close() error {
	err := f.File.Close()
	f.fs.mu.Lock()
	f.fs.open--
	f.fs.mu.Unlock()
	f.fs.closed <- struct{}{}
	return err
}

// Files that the script forgot are flushed and closed, when they are garbage or
// with the host.
func TestForgottenFiles(t *testing.T) {
	const n = 1000
	c := &counted{Fs: afero.NewMemMapFs(), closed: make(chan struct{}, n+10)}
	h := &iolib.Host{Fs: c}
	L := newState(t, h)
	forget := fmt.Sprintf(`for i = 1, %d do io.open("f" .. i, "w"):write("text ", i) end kept = io.open("kept", "w") kept:write("kept")`, n)
	if err := run(L, "x", forget); err != nil {
		t.Fatal(err)
	}
	L.SetTop(0)
	deadline := time.After(time.Minute)
	closed := 0
	for closed < n-1 { // the last one may still be in a register
		runtime.GC()
	more:
		for {
			select {
			case <-c.closed:
				closed++
			case <-deadline:
				t.Fatalf("%d of %d files were closed", closed, n)
			case <-time.After(time.Millisecond):
				break more
			}
		}
	}
	if b, err := afero.ReadFile(c.Fs, "f77"); string(b) != "text 77" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
	if err := h.Flush(); err != nil {
		t.Error(err)
	}
	if b, err := afero.ReadFile(c.Fs, "kept"); string(b) != "kept" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	for closed < n+1 {
		select {
		case <-c.closed:
			closed++
		case <-deadline:
			t.Fatalf("%d files are open", c.open)
		}
	}
	if c.open != 0 {
		t.Errorf("%d files are open", c.open)
	}
	runtime.KeepAlive(L)
}

//go:embed testdata/lines.lua
var embedded embed.FS

// Files of an io/fs.FS and of a zip are read; writing them fails at once.
func TestReadOnly(t *testing.T) {
	want := readFile(t, "testdata/lines.lua")
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("testdata/lines.lua")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, want)
	w.Close()
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for name, fsys := range map[string]afero.Fs{
		"embed":      afero.FromIOFS{FS: embedded},
		"zip":        zipfs.New(r),
		"ReadOnlyFs": afero.NewReadOnlyFs(afero.NewOsFs()),
	} {
		t.Run(name, func(t *testing.T) {
			var out output
			h := &iolib.Host{Fs: fsys, Stdout: &out}
			L := newState(t, h)
			if err := run(L, "x", `
				for _, name in ipairs{"testdata/lines.lua", "./testdata/lines.lua"} do
					local f = assert(io.open(name))
					assert(f:seek("end") == f:seek() and f:seek("set") == 0)
					io.write(f:read("*a"))
				end
				for _, mode in ipairs{"w", "a", "r+", "w+", "a+"} do
					local f, message, number = io.open("testdata/lines.lua", mode)
					assert(not f and (number == 1 or number == 13), message)
				end
				assert(not io.open("none") and not io.open("testdata/lines.luac"))
				assert(not os.remove("testdata/lines.lua") and not os.rename("testdata/lines.lua", "x"))
				assert(not pcall(os.tmpname))
				local d = io.open("testdata")
				if d then assert(not d:read()) end`); err != nil {
				t.Error(err)
			}
			if out.String() != want+want {
				t.Errorf("got %q", out.String())
			}
		})
	}
}

// What is written at once comes to a writer of the host in one piece, however long it is.
func TestLargeWritesAreOnePiece(t *testing.T) {
	var sizes []int
	h := &iolib.Host{Stdout: writerFunc(func(b []byte) (int, error) { sizes = append(sizes, len(b)); return len(b), nil })}
	L := newState(t, h)
	if err := run(L, "x", `
		local s = ("x"):rep(2^21)
		io.write(s) io.write("a", s, "b") io.write(s, "c")
		local f = io.tmpfile()
		f:write("a", s, "b") f:write(s)
		f:seek("set")
		assert(f:read("*a") == "a" .. s .. "b" .. s)`); err != nil {
		t.Fatal(err)
	}
	if want := []int{1 << 21, 1<<21 + 2, 1<<21 + 1}; !slices.Equal(sizes, want) {
		t.Errorf("got pieces of %v bytes, want %v", sizes, want)
	}
}
