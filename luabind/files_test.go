package luabind_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/afero"
	"github.com/spf13/afero/zipfs"

	"luaspawn/luabind"
)

// program is a script, its modules and its data, as they lie in a directory.
var program = map[string]string{
	"app/main.lua": `#!/usr/bin/env luaspawn
		local greet = require "lib.greet"
		local list = {}
		for line in io.lines("app/data.txt") do list[#list + 1] = line end
		local f = assert(io.open("./app/data.txt"))
		assert(f:read("*l") == "one")
		if f:seek("end") then -- a file of a zip by io/fs can't
			assert(f:seek() == 8 and f:seek("set", 4) == 4)
		end
		assert(f:read("*a") == "two\n" and f:close())
		assert(loadfile("./app/lib/greet.lua")("x")({}) == "x")
		print(greet(list), dofile("app/lib/number.lua"))
		print(io.open("app/none.txt"))
		print(select("#", io.open("app/../../outside.txt")))
		print(pcall(function() require "lib.none" end))`,
	"app/lib/greet.lua":  `local name = ...; return function(list) return name .. table.concat(list, "+") end`,
	"app/lib/number.lua": `return 42`,
	"app/data.txt":       "one\ntwo\n",
}

const printed = "lib.greetone+two\t42\n" +
	"nil\tapp/none.txt: No such file or directory\t2\n" +
	"3\n" +
	"false\tapp/main.lua:15: module 'lib.none' not found:\n\tno field package.preload['lib.none']\n\tno file 'app/lib/none.lua'\n"

// The same program from wherever an embedder may have it. (embed.FS is in
// ExampleEngine_RunFile; it is an io/fs like those here.)
func TestFileSystems(t *testing.T) {
	dir := t.TempDir()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	inMemory, mapped := afero.NewMemMapFs(), fstest.MapFS{}
	for name, text := range program {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := afero.WriteFile(inMemory, name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
		mapped[name] = &fstest.MapFile{Data: []byte(text)}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	zipped, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	root := openRootFs(t, dir)
	for _, test := range []struct {
		name string
		fs   afero.Fs
	}{
		{"memory", inMemory},
		{"RootFs", root},
		{"BasePathFs", afero.NewBasePathFs(afero.NewOsFs(), dir)},
		{"read only", afero.NewReadOnlyFs(root)},
		{"memory over a directory", afero.NewCopyOnWriteFs(root, afero.NewMemMapFs())},
		{"zip by afero", zipfs.New(zipped)},
		{"zip by io/fs", afero.FromIOFS{FS: zipped}},
		{"directory by io/fs", afero.FromIOFS{FS: os.DirFS(dir)}},
		{"map by io/fs", afero.FromIOFS{FS: mapped}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			e := newEngine(t, luabind.Config{Fs: test.fs, Path: "app/?.lua", Stdout: &out})
			if err := e.RunFile(context.Background(), "app/main.lua"); err != nil {
				t.Fatal(err)
			}
			if out.String() != printed {
				t.Errorf("got %q, want %q", out.String(), printed)
			}
		})
	}
}

// A file system that can't be written says so as Lua's io does.
func TestReadOnly(t *testing.T) {
	for name, fs := range map[string]afero.Fs{
		"ReadOnlyFs": afero.NewReadOnlyFs(files(t, map[string]string{"x": ""})),
		"io/fs":      afero.FromIOFS{FS: fstest.MapFS{"x": &fstest.MapFile{}}},
	} {
		for _, source := range []string{
			`io.open("new", "w")`, `io.open("x", "a")`, `os.remove("x")`, `os.rename("x", "y")`,
		} {
			e := newEngine(t, luabind.Config{Fs: fs})
			got, err := e.Eval(context.Background(), source)
			if err != nil || len(got) != 3 || got[0] != nil {
				t.Errorf("%s: %s: got %v, %v", name, source, got, err)
				continue
			}
			if text := got[1].(string); !strings.HasSuffix(text, "Operation not permitted") && !strings.HasSuffix(text, "Permission denied") {
				t.Errorf("%s: %s: got %q", name, source, text)
			}
		}
	}
}
