//go:build linux

package lfs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/lfs"
)

// run returns what call, which sees lfs, returns in an engine of cfg: each value as text. What
// it raises stands behind "!".
func run(t *testing.T, cfg luabind.Config, call string) string {
	t.Helper()
	cfg.Modules = []luabind.Module{lfs.Module}
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	values, err := e.Eval(t.Context(), `(function(ok, ...)
		local list = {}
		for i = 1, select("#", ...) do list[i] = tostring((select(i, ...))) end
		return (ok and "" or "!") .. table.concat(list, " | ")
	end)(pcall(function() local lfs = require "lfs" `+call+` end))`)
	if err != nil {
		t.Fatal(err)
	}
	return values[0].(string)
}

// The zero Config has an empty file system of its own: no function reaches the machine.
func TestZeroConfig(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/f", []byte("abc"), 0o666); err != nil {
		t.Fatal(err)
	}
	none := "No such file or directory | 2"
	for _, test := range []struct{ call, want string }{
		{`return lfs.attributes(DIR .. "/f")`, "nil | cannot obtain information from file 'DIR/f': " + none},
		{`return lfs.symlinkattributes(DIR .. "/f")`, "nil | cannot obtain information from file 'DIR/f': " + none},
		{`return lfs.symlinkattributes(DIR .. "/f", "target")`, "nil | could not obtain link target: " + none},
		{`return lfs.chdir(DIR)`, "nil | Unable to change working directory to 'DIR'\nNo such file or directory\n"},
		{`return lfs.currentdir()`, "/"},
		{`return lfs.dir(DIR)`, "!test: cannot open DIR: No such file or directory"},
		{`return lfs.mkdir(DIR .. "/d")`, "nil | " + none},
		{`return lfs.rmdir(DIR)`, "nil | " + none},
		{`return lfs.touch(DIR .. "/f", 5)`, "nil | " + none},
		{`return lfs.link(DIR .. "/f", DIR .. "/hard")`, "nil | Operation not supported | 0"},
		{`return lfs.link("f", DIR .. "/symbolic", true)`, "nil | Operation not supported | 0"},
		{`lfs.lock_dir("/") return lfs.lock_dir("/")`, "nil | File exists"},
		{`local f = io.open("own", "w") return lfs.lock(f, "w")`, "nil | Operation not supported"},
		{`local f = io.open("own", "w") return lfs.unlock(f)`, "nil | Operation not supported"},
		{`return lfs.setmode(io.stdout, "text")`, "true | binary"},
	} {
		got := run(t, luabind.Config{}, strings.ReplaceAll(test.call, "DIR", "'"+dir+"'"))
		if i := strings.Index(got, "eval:"); i >= 0 {
			got = got[:i] + "test" + got[strings.Index(got, ": "):]
		}
		if want := strings.ReplaceAll(test.want, "DIR", dir); got != want {
			t.Errorf("%s: got %q, want %q", test.call, got, want)
		}
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
		t.Errorf("there is %v now, %v", names, err)
	}
	if info, err := os.Stat(dir + "/f"); err != nil || info.ModTime().Unix() == 5 {
		t.Error("the file was touched")
	}
}

// In text mode setmode changes what has not been read, and what is written from then on.
func TestSetmode(t *testing.T) {
	got := run(t, luabind.Config{TextMode: true}, `
		local f = io.open("f", "w")
		f:write("a\n")
		local _, before = lfs.setmode(f, "binary")
		f:write("b\n")
		local _, again = lfs.setmode(f, "binary")
		f:close()
		f = io.open("f")
		local first = f:read(2)
		lfs.setmode(f, "binary")
		local rest = f:read("*a")
		f:seek("set")
		lfs.setmode(f, "text")
		return before, again, first == "a\n", rest == "b\n", f:read("*a") == "a\nb\n", lfs.setmode(io.stdout, "binary")`)
	if want := "text | binary | true | true | true | true | text"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got = run(t, luabind.Config{TextMode: true, Stdin: iotest.OneByteReader(strings.NewReader("a\r\nb\r\n"))}, `
		local first = io.read(1)
		local half = io.read(0) -- it has the next "\r" by now, perhaps
		lfs.setmode(io.stdin, "binary")
		local second = io.read(2)
		lfs.setmode(io.stdin, "text")
		return first, second == "\r\n", io.read("*a") == "b\n"`)
	if want := "a | true | true"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A script with one directory doesn't leave it, and one with files that can't be written to
// changes none.
func TestConfined(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"root/sub/f": "abc", "outside/f": "secret"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../outside", dir+"/root/out"); err != nil {
		t.Fatal(err)
	}
	root, err := luabind.RootFs(dir + "/root")
	if err != nil {
		t.Fatal(err)
	}
	memory := afero.NewMemMapFs()
	if err := afero.WriteFile(memory, "sub/f", []byte("abc"), 0o666); err != nil {
		t.Fatal(err)
	}
	files := map[string]afero.Fs{
		"root":   root,
		"memory": memory,
		"embed":  afero.FromIOFS{FS: fs.FS(fstest.MapFS{"sub/f": {Data: []byte("abc")}})},
	}
	for _, test := range []struct{ files, call, want string }{
		{"root memory embed", `return lfs.currentdir()`, "/"},
		{"root memory embed", `return lfs.attributes("sub", "mode"), lfs.attributes("sub/f", "mode"), lfs.attributes("sub/f", "size")`, "directory | file | 3"},
		{"root memory embed", `lfs.chdir("sub") return lfs.currentdir(), lfs.attributes("f", "size"), io.open("f"):read("*a")`, "/sub | 3 | abc"},
		{"root memory embed", `lfs.chdir("sub") lfs.chdir("..") return lfs.currentdir(), lfs.attributes("sub/f", "size")`, "/ | 3"},
		{"root memory embed", `lfs.chdir("./sub/") lfs.chdir("/") return lfs.currentdir(), lfs.attributes("sub/f", "size")`, "/ | 3"},
		{"root memory embed", `local list = {} for name in lfs.dir("sub") do list[#list + 1] = name end return unpack(list)`, ". | .. | f"},
		{"root memory embed", `return (select(2, lfs.chdir("sub/f")))`, "Unable to change working directory to 'sub/f'\nNot a directory\n"},
		{"root", `return lfs.attributes("../outside/f")`, "nil | cannot obtain information from file '../outside/f': Permission denied | 13"},
		{"root", `return lfs.attributes("out/f")`, "nil | cannot obtain information from file 'out/f': Permission denied | 13"},
		{"root", `return (select(2, lfs.chdir("out")))`, "Unable to change working directory to 'out'\nPermission denied\n"},
		{"root", `return (select(2, lfs.chdir("..")))`, "Unable to change working directory to '..'\nPermission denied\n"},
		{"root", `lfs.chdir("sub") return (select(2, lfs.chdir("../..")))`, "Unable to change working directory to '../..'\nPermission denied\n"},
		{"root", `return lfs.symlinkattributes("out", "mode")`, "link"},
		{"root", `return lfs.mkdir("../new")`, "nil | Permission denied | 13"},
		{"root", `return lfs.mkdir("out/new")`, "nil | Permission denied | 13"},
		{"root", `return lfs.rmdir("../outside")`, "nil | Permission denied | 13"},
		{"root", `return lfs.touch("../outside/f", 5)`, "nil | Permission denied | 13"},
		{"root", `return lfs.link("../outside/f", "f")`, "nil | Operation not supported | 0"},
		{"root", `return lfs.link("../outside/f", "f", true)`, "nil | Operation not supported | 0"},
		{"root", `return lfs.lock_dir("out")`, "nil | Permission denied"},
		{"root", `local f = io.open("sub/f", "r+") return lfs.lock(f, "w"), lfs.unlock(f)`, "true | true"},
		{"root", `return lfs.mkdir("new"), lfs.mkdir("new/a"), lfs.rmdir("new/a"), lfs.rmdir("new")`, "true | true | true | true"},
		{"memory", `return lfs.mkdir("a/b")`, "nil | No such file or directory | 2"},
		{"memory", `return lfs.mkdir("sub/f/b")`, "nil | Not a directory | 20"},
		{"memory", `return lfs.mkdir("a"), lfs.mkdir("a/b"), lfs.rmdir("a/b"), lfs.rmdir("a")`, "true | true | true | true"},
		{"memory", `return lfs.rmdir("sub")`, "nil | Directory not empty | 39"},
		{"memory", `return lfs.rmdir("sub/f")`, "nil | Not a directory | 20"},
		{"memory", `lfs.touch("sub/f", 5, 6) return lfs.attributes("sub/f", "modification")`, "6"},
		{"memory", `local lock = lfs.lock_dir("sub") local again, err = lfs.lock_dir("sub") lock:free() return again, err, lfs.lock_dir("sub") ~= nil`, "nil | File exists | true"},
		{"embed", `return lfs.mkdir("new")`, "nil | Permission denied | 13"},
		{"embed", `return lfs.rmdir("sub")`, "nil | Directory not empty | 39"},
		{"embed", `return lfs.touch("sub/f", 5)`, "nil | Permission denied | 13"},
		{"embed", `return lfs.lock_dir("sub")`, "nil | Permission denied"},
	} {
		for name := range strings.FieldsSeq(test.files) {
			if got := run(t, luabind.Config{Fs: files[name]}, test.call); got != test.want {
				t.Errorf("%s: %s: got %q, want %q", name, test.call, got, test.want)
			}
		}
	}
	if text, err := os.ReadFile(dir + "/outside/f"); string(text) != "secret" {
		t.Errorf("outside/f is %q, %v", text, err)
	}
}
