package subprocess_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/subprocess"
)

// A program that is named relatively is looked for where it runs, with what the names of programs end in.
func TestFindWhereItRuns(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	shell, err := os.ReadFile(filepath.Join(os.Getenv("SystemRoot"), "system32", "cmd.exe"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("sub", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("sub", "prog.exe"), shell, 0o777); err != nil {
		t.Fatal(err)
	}
	e, err := luabind.New(luabind.Config{Shell: true, Environ: os.Environ(), Modules: []luabind.Module{subprocess.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.SetGlobal("prog", filepath.Join(dir, "sub", "prog"))
	err = e.Run(t.Context(), "=script", strings.NewReader(`
		local run = require("subprocess").run
		for _, c in ipairs{
			{"./prog", "sub"}, {".\\prog.exe", "sub"}, {"../sub/prog", "sub"}, {"sub/prog"}, {"sub\\prog", "."}, {prog}, {prog, "sub"}, {(prog:gsub("^%a:", "")), "sub"},
		} do
			local ok, r = pcall(run, {c[1], "/c", "exit 3", cwd = c[2]})
			assert(ok and r.code == 3, c[1] .. " in " .. tostring(c[2]) .. ": " .. tostring(ok and r.code or r))
		end
		assert(not pcall(run, {"./prog", "/c", "exit 3"}))
		assert(not pcall(run, {"sub/prog", "/c", "exit 3", cwd = "sub"}))`))
	if err != nil {
		t.Error(err)
	}
}
