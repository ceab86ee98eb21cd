package vm_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luaspawn/luabind"
)

// ours returns what the engine prints, and how the program ended.
func ours(t *testing.T, name, source string) string {
	t.Helper()
	var out bytes.Buffer
	e, err := luabind.New(luabind.Config{Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	err = e.Run(context.Background(), name, strings.NewReader(source))
	var failure *luabind.Error
	if errors.As(err, &failure) {
		fmt.Fprintf(&out, "ended: %s\n", failure.Message)
	} else if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// driver runs programs from files, each by itself, with a line between.
const driver = `
for i = 1, #arg do
  local f, e = loadfile(arg[i])
  if f then
    local env = setmetatable({}, {__index = _G})
    setfenv(f, env)
    e = nil
    local ok, err = pcall(f)
    if not ok then e = err end
  end
  if type(e) == "string" then
    print("ended: " .. e)
  elseif e ~= nil then
    print("ended: (error object is a " .. type(e) .. " value)")
  end
  print("\1")
end
`

// theirs returns what lua5.1 prints for each program.
func theirs(t *testing.T, programs []string) []string {
	t.Helper()
	lua, err := exec.LookPath("lua5.1")
	if err != nil {
		t.Skip("lua5.1 is not installed")
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	cmd := exec.Command(lua, write("driver", driver))
	cmd.Dir = dir
	for i, p := range programs {
		cmd.Args = append(cmd.Args, write(programName(i), p))
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("lua5.1: %v\n%s", err, out)
	}
	parts := strings.Split(string(out), "\x01\n")
	if len(parts) != len(programs)+1 {
		t.Fatalf("got %d outputs, want %d", len(parts)-1, len(programs))
	}
	return parts[:len(programs)]
}

func programName(i int) string { return fmt.Sprintf("p%d", i) }

var (
	from   = flag.Uint64("random.from", 1, "the first seed of TestRandom")
	amount = flag.Int("random.n", 300, "how many programs TestRandom runs")
)

// plainly sets a hook that is never called: while there is one, each instruction is run by
// itself.
const plainly = `debug.sethook(function() end, "", 2^30) `

// TestRandom runs random programs here, in both ways, and on lua5.1. Ten thousand, by hand:
//
//	go test -run TestRandom ./luabind/internal/vm -random.from 1000 -random.n 10000
func TestRandom(t *testing.T) {
	const together = 100
	n := *amount
	if testing.Short() {
		n = min(n, together)
	}
	for done := 0; done < n; done += together {
		var programs []string
		for i := done; i < min(done+together, n); i++ {
			programs = append(programs, randomProgram(*from+uint64(i)))
		}
		for i, want := range theirs(t, programs) {
			if got := ours(t, programName(i), programs[i]); got != want {
				t.Errorf("seed %d:\n%s\ngot:\n%s\nwant:\n%s", *from+uint64(done+i), programs[i], got, want)
			}
			if got := ours(t, programName(i), plainly+programs[i]); got != want {
				t.Errorf("seed %d, one instruction at a time:\n%s\ngot:\n%s\nwant:\n%s", *from+uint64(done+i), programs[i], got, want)
			}
		}
	}
}

// programs are small ones with what lua5.1 prints for them beside them.
const programs = "../../testdata/lua51"

// large are those that take as long as all others.
var large = []string{"constructors.lua", "depth.lua", "table.lua"}

// TestPrograms runs them here, and on lua5.1 where that is installed.
func TestPrograms(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(programs, "*.lua"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs in %s: %v", programs, err)
	}
	lua, _ := exec.LookPath("lua5.1")
	for _, file := range files {
		if testing.Short() && slices.Contains(large, filepath.Base(file)) {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".lua") + ".out")
			if err != nil {
				t.Fatal(err)
			}
			if got := ours(t, filepath.Base(file), string(source)); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if lua == "" {
				return
			}
			cmd := exec.Command(lua, filepath.Base(file))
			cmd.Dir = programs
			if got, err := cmd.Output(); err != nil || string(got) != string(want) {
				t.Errorf("lua5.1 prints\n%s\n(%v), stored is\n%s", got, err, want)
			}
		})
	}
}
