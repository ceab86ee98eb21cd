package bundle

import (
	"crypto/sha256"
	"debug/macho"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var sample = &Bundle{
	Script:  File{Name: "main.lua", Source: "#!/usr/bin/env luaspawn\nprint(1)\n"},
	Modules: []File{{"a", "./a.lua", "return 1"}, {"a.b", "./a/b.lua", ""}},
}

func TestPackUnpack(t *testing.T) {
	got, err := unpack(sample.pack())
	if err != nil || !reflect.DeepEqual(got, sample) {
		t.Errorf("got %+v, %v, want %+v", got, err, sample)
	}
	if f, ok := got.Module("a.b"); !ok || f.Name != "./a/b.lua" {
		t.Errorf("module a.b is %+v, %v", f, ok)
	}
	for _, name := range []string{"", "b", "main.lua"} {
		if f, ok := got.Module(name); ok {
			t.Errorf("module %q is %+v, want none", name, f)
		}
	}
}

// A payload that was cut or changed is an error, or another bundle, but never more.
func FuzzUnpack(f *testing.F) {
	f.Add(sample.pack())
	f.Add([]byte{version, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, p []byte) {
		b, err := unpack(p)
		if err != nil {
			return
		}
		again, err := unpack(b.pack())
		if err != nil || !reflect.DeepEqual(again, b) {
			t.Errorf("got %+v, %v, want %+v", again, err, b)
		}
	})
}

func TestRequires(t *testing.T) {
	for _, c := range []struct {
		source string
		want   string // line:module, ? where it may be missing, - for a note
	}{
		{`require "a"; local b = require("b.c")`, "1:a 1:b.c"},
		{"\nlocal t = {x = function() return f(require 'deep') end}", "2:deep"},
		{"pcall(require, 'a')\nlocal ok, m = pcall(require, 'b')", "1:a? 2:b?"},
		{"pcall(require, 'a')\nrequire 'a'", "2:a"},
		{"require 'a'\nrequire 'a'", "1:a"},
		{"require('x.' .. name)\npcall(require, name)", "1:- 2:-"},
		{"dofile 'x.lua'", "1:-"},
		{"#!/usr/bin/luaspawn\nrequire 'a'", "2:a"},
		{"#only", ""},
		{"require(); o:require 'a'; t.require 'b'; print(require)", ""},
		{"for _ in require 'a', 1 do while require 'b' do repeat until require 'c' end end if x then elseif require 'd' then end", "1:a 1:b 1:c 1:d"},
		{"return require 'a' + -require 'b' .. require 'c'.x", "1:a 1:b 1:c"},
	} {
		list, err := requires(File{Name: "x.lua", Source: c.source})
		var got []string
		for _, r := range list {
			name := r.module
			if r.maybe && name != "" {
				name += "?"
			}
			if r.note != "" {
				name = "-"
			}
			got = append(got, fmt.Sprintf("%d:%s", r.line, name))
		}
		slices.SortStableFunc(got, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
		if strings.Join(got, " ") != c.want || err != nil {
			t.Errorf("%s: got %s, %v, want %s", c.source, got, err, c.want)
		}
	}
	_, err := requires(File{Name: "x.lua", Source: "x x"})
	if want := "x.lua:1: '=' expected near 'x'"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestPlan(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"main.lua":        "require 'a' require 'own' require 'open' pcall(require, 'maybe')",
		"a.lua":           "require 'dir' require 'a'",
		"dir/init.lua":    "",
		"dir/x.lua":       "require 'y'",
		"dir/sub/z.lua":   "",
		"dir/sub/no.txt":  "",
		"y.lua":           "",
		"open.lua":        "",
		"broken.lua":      "require 'wrong'",
		"wrong.lua":       "x x",
		"lacks.lua":       "require 'none'\nrequire 'neither' require 'none'",
		"below/it/is.lua": "",
		"own":             "a file, in which no init.lua can be",
		"looks.lua":       "pcall(require, 'half')\nrequire 'a' pcall(require, 'wrong')",
		"half.lua":        "require 'none' require 'y'",
		"needs.lua":       "pcall(require, 'half') require 'half2'",
		"half2.lua":       "require 'half'",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		script           string
		include, without []string
		want             string // modules, or the error
		notes            int
	}{
		{"main.lua", nil, nil, "a dir", 1},
		{"main.lua", nil, []string{"maybe"}, "a dir", 0},
		{"main.lua", []string{"dir.x"}, nil, "a dir dir.x y", 1},
		{"main.lua", []string{"dir.*"}, nil, "a dir dir.sub.z dir.x y", 1},
		{"y.lua", []string{"below.*"}, nil, "below.it.is", 0},
		{"y.lua", []string{"own"}, nil, "", 0},
		{"y.lua", []string{"none"}, nil, "module 'none' not found:\n\tno file './none.lua'\n\tno file './none/init.lua'", 0},
		{"y.lua", []string{"none.*"}, nil, "module 'none.*' not found", 0},
		{"broken.lua", nil, nil, "./wrong.lua:1: '=' expected near 'x'", 0},
		{"lacks.lua", nil, []string{"none", "neither"}, "", 0},
		{"lacks.lua", nil, nil, "lacks.lua:1: module 'none' not found:\n\tno file './none.lua'\n\tno file './none/init.lua'\n\t(--without none builds without it)\n" +
			"lacks.lua:2: module 'neither' not found:\n\tno file './neither.lua'\n\tno file './neither/init.lua'\n\t(--without neither builds without it)", 0},
		{"looks.lua", nil, nil, "a dir half wrong y", 2},
		{"looks.lua", nil, []string{"none"}, "a dir half wrong y", 1},
		{"needs.lua", nil, nil, "./half.lua:1: module 'none' not found:\n\tno file './none.lua'\n\tno file './none/init.lua'\n\t(--without none builds without it)", 0},
		{"none.lua", nil, nil, "cannot open none.lua: " + errNone(), 0},
		{"dir", nil, nil, "cannot read dir: is a directory", 0},
	} {
		is := func(name string) func(string) bool { return func(s string) bool { return s == name } }
		plan := Plan{Script: c.script, Path: "./?.lua;./?/init.lua", Has: is("own"), Loaded: is("open"), Include: c.include, Without: c.without}
		b, notes, err := plan.Make()
		var got []string
		if err != nil {
			got = []string{err.Error()}
		} else {
			for _, f := range b.Modules {
				got = append(got, f.Module)
			}
		}
		if strings.Join(got, " ") != c.want || len(notes) != c.notes {
			t.Errorf("%s %v %v: got %s, notes %q, want %s and %d notes", c.script, c.include, c.without, got, notes, c.want, c.notes)
		}
	}
}

func errNone() string {
	_, err := os.Stat("none.lua")
	return bare(err).Error()
}

// A host is found by its mark, which is there once; what it carries is left out.
func TestAttach(t *testing.T) {
	host := append(append([]byte("MZ before "), mark[:]...), " after"...)
	name := filepath.Join(t.TempDir(), "host")
	write := func(text []byte) {
		if err := os.WriteFile(name, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(host)
	program, err := Host(name)
	if err != nil {
		t.Fatal(err)
	}
	app, err := Attach(program, sample)
	if err != nil {
		t.Fatal(err)
	}
	m, err := findMark(app)
	if err != nil {
		t.Fatal(err)
	}
	offset, length, sum := m.payload()
	payload := app[offset:][:length]
	if got := sha256.Sum256(payload); string(got[:]) != string(sum) || string(payload) != string(sample.pack()) {
		t.Errorf("the mark doesn't lead to the payload")
	}
	write(append(app, "what a signature adds"...))
	program, err = Host(name)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Attach(program, sample); err != nil || string(again) != string(app) {
		t.Errorf("an app of the same script, built from the app, is another one (%v)", err)
	}
	for text, want := range map[string]string{
		"nothing":                   name + " is no luaspawn, or one that is packed",
		string(host) + string(host): name + " is several programs in one file",
		string(append([]byte("x"), mark[:40]...)): name + " is no luaspawn, or one that is packed",
	} {
		write([]byte(text))
		if _, err := Host(name); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// In an app for macOS the signature of Go's linker has the right sum for each page.
func TestMacOS(t *testing.T) {
	if os.Getenv("LUASPAWN_STRESS") == "" {
		t.Skip("compiles Go's runtime for another system: LUASPAWN_STRESS=1 runs it, as .ci/run does")
	}
	dir := t.TempDir()
	source := fmt.Sprintf("package main\nvar mark = %#v\nfunc main() { println(mark[40]) }\n", [64]byte(mark))
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "host")
	build := exec.Command("go", "build", "-o", name, filepath.Join(dir, "main.go"))
	build.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err := Host(name)
	if err != nil {
		t.Fatal(err)
	}
	checkPages(t, program)
	app, err := Attach(program, sample)
	if err != nil {
		t.Fatal(err)
	}
	if string(app[:len(program)]) == string(program) {
		t.Error("the mark was not set")
	}
	checkPages(t, app)
}

// checkPages compares the pages of a program with its signature.
func checkPages(t *testing.T, program []byte) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(name, program, 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := macho.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, load := range f.Loads {
		raw := load.Raw()
		if f.ByteOrder.Uint32(raw) != codeSignature {
			continue
		}
		blob := program[f.ByteOrder.Uint32(raw[8:]):]
		d := blob[binary.BigEndian.Uint32(blob[16:]):] // the one entry of the index: Go's linker makes no other
		hashes, slots, limit := binary.BigEndian.Uint32(d[16:]), binary.BigEndian.Uint32(d[28:]), binary.BigEndian.Uint32(d[32:])
		page := uint32(1) << d[39]
		if slots == 0 || slots != (limit+page-1)/page {
			t.Fatalf("%d sums for %d bytes", slots, limit)
		}
		for n := range slots {
			if got := sha256.Sum256(program[n*page : min((n+1)*page, limit)]); string(got[:]) != string(d[hashes+n*32:][:32]) {
				t.Errorf("page %d of %d has another sum", n, slots)
			}
		}
		return
	}
	t.Fatal("there is no signature")
}

// What is no file isn't replaced by one.
func TestWriteDevice(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "app")
	if err := os.Symlink(os.DevNull, name); err != nil {
		t.Skip(err) // Windows wants a privilege for it
	}
	if info, err := os.Stat(name); err != nil || info.Mode().IsRegular() {
		t.Skipf("%v, %v", info, err)
	}
	if err := Write(name, []byte("app")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().IsRegular() {
		t.Errorf("%v, %v, want %s", info, err, os.DevNull)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}
