package iolib_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/compile"
	"luaspawn/luabind/internal/lualib/iolib"
	"luaspawn/luabind/internal/syntax"
	"luaspawn/luabind/internal/vm"
)

const stdin = "first\nsecond\nthird"

// output is safe for concurrent use, since commands write to it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// newState returns a state with the libraries over h. Its print shows numbers as
// Lua 5.1 does.
func newState(t testing.TB, h *iolib.Host) *lua.LState {
	t.Helper()
	L := lua.NewState(lua.Options{SkipOpenLibs: true})
	vm.Adopt(L)
	for name, open := range map[string]lua.LGFunction{
		lua.BaseLibName: lua.OpenBase, lua.StringLibName: lua.OpenString, lua.TabLibName: lua.OpenTable, lua.MathLibName: lua.OpenMath,
	} {
		L.Push(L.NewFunction(open))
		L.Push(lua.LString(name))
		L.Call(1, 0)
	}
	iolib.OpenIO(L, h)
	iolib.OpenOS(L, h)
	if err := L.DoString(`
		local stdout = io.stdout
		function print(...)
			local line = {...}
			for i = 1, select("#", ...) do
				if type(line[i]) ~= "number" then line[i] = tostring(line[i]) end
			end
			for i = select("#", ...), 2, -1 do table.insert(line, i, "\t") end
			line[#line + 1] = "\n"
			stdout:write(unpack(line))
		end`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		L.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return L
}

// run compiles as engines do: errors name functions as the code calls them.
func run(L *lua.LState, name, source string) error {
	chunk, err := syntax.Parse(name, source)
	if err != nil {
		return err
	}
	proto, err := compile.Compile(chunk, name)
	if err != nil {
		return err
	}
	L.Push(L.NewFunctionFromProto(proto))
	return L.PCall(0, 0, nil)
}

// Each file of testdata prints what lua5.1 has printed into the .out beside it,
// on every file system. Where lua5.1 is installed, it is asked again.
func TestAsLua51(t *testing.T) {
	systems := map[string]func(*testing.T, string) afero.Fs{
		"OsFs":     func(*testing.T, string) afero.Fs { return afero.NewOsFs() },
		"MemMapFs": func(*testing.T, string) afero.Fs { return afero.NewMemMapFs() },
		"RootFs": func(t *testing.T, dir string) afero.Fs {
			fsys, err := luabind.RootFs(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { fsys.(io.Closer).Close() })
			return fsys
		},
	}
	cases := []struct{ file, zone string }{
		{"args", "UTC"},
		{"date", "UTC"},
		{"date", "America/New_York"},
		{"date", "Australia/Lord_Howe"}, // summer time is half an hour
		{"date", "Asia/Kolkata"},
		{"default", "UTC"},
		{"lines", "UTC"},
		{"number", "UTC"},
		{"open", "UTC"},
		{"read", "UTC"},
		{"seek", "UTC"},
		{"write", "UTC"},
	}
	for _, file := range ofSystem {
		cases = append(cases, struct{ file, zone string }{file, "UTC"})
	}
	for _, c := range cases {
		source := readFile(t, filepath.Join("testdata", c.file+".lua"))
		name := filepath.Join("testdata", c.file+".out")
		if c.zone != "UTC" {
			name = filepath.Join("testdata", c.file+"."+filepath.Base(c.zone)+".out")
		}
		want := readFile(t, name)
		t.Run(filepath.Base(name)+"/lua5.1", func(t *testing.T) {
			compare(t, runLua51(t, c.file+".lua", source, c.zone), want)
		})
		for system, open := range systems {
			t.Run(filepath.Base(name)+"/"+system, func(t *testing.T) {
				setZone(t, c.zone)
				dir := t.TempDir()
				t.Chdir(dir)
				fsys := open(t, dir)
				if err := fsys.Mkdir("dir", 0o777); err != nil {
					t.Fatal(err)
				}
				var out output
				h := &iolib.Host{
					Fs: fsys, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &out,
					Environ: []string{"LUAIO_TEST=value"}, Shell: true,
				}
				if err := run(newState(t, h), c.file+".lua", source); err != nil {
					t.Error(err)
				}
				compare(t, out.String(), want)
			})
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func setZone(t *testing.T, name string) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Local
	t.Cleanup(func() { time.Local = old })
	time.Local = zone
}

func runLua51(t *testing.T, name, source, zone string) string {
	lua51, err := exec.LookPath("lua5.1")
	if err != nil {
		t.Skip("lua5.1 is not installed")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "dir"), 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), lua51, name)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LUAIO_TEST=value", "TZ="+zone)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// compare reports the lines that differ.
func compare(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for len(g) < len(w) {
		g = append(g, "(no line)")
	}
	for len(w) < len(g) {
		w = append(w, "(no line)")
	}
	for i := range g {
		if g[i] != w[i] {
			t.Errorf("line %d: got\n%s\nwant\n%s", i+1, g[i], w[i])
		}
	}
}
