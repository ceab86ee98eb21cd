package repl_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/repl"
)

// A confined engine stays confined: the commands reach what its scripts do, and no more.
func TestCommandsConfined(t *testing.T) {
	dir := t.TempDir()
	memory := afero.NewMemMapFs()
	for _, test := range []struct {
		name   string
		config luabind.Config
		typed  string
		want   string // of the errors
	}{
		{"edit without anything", luabind.Config{}, "1\n.edit\n", ".edit: needs a terminal of this machine, its files, and the right to start programs\n"},
		{"edit without a terminal", luabind.Config{Fs: afero.NewOsFs(), Shell: true, Environ: []string{"EDITOR=touch " + dir + "/reached"}}, "1\n.edit\n", ".edit: needs a terminal of this machine, its files, and the right to start programs\n"},
		{"save without files", luabind.Config{}, "1\n.save " + dir + "/a\n", ".save: this engine has no files\n"},
		{"save where files are elsewhere", luabind.Config{Fs: memory}, "1\n.save a\n", ""},
		{"reload without files", luabind.Config{}, ".reload nothing\n", "module 'nothing' not found:\n\tno field package.preload['nothing']\n\tno file './nothing.lua'\n\tno file './nothing/init.lua'\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			e, err := luabind.New(test.config)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if err := repl.Run(context.Background(), e, strings.NewReader(test.typed), &out, &errOut); err != nil {
				t.Fatal(err)
			}
			if errOut.String() != test.want {
				t.Errorf("got %q, want %q", errOut.String(), test.want)
			}
		})
	}
	if list, _ := os.ReadDir(dir); len(list) > 0 {
		t.Errorf("they reached %s", filepath.Join(dir, list[0].Name()))
	}
	if b, err := afero.ReadFile(memory, "a"); string(b) != "-- typed at the prompt of luaspawn\nprint(1)\n" {
		t.Errorf("saved: %q, %v", b, err)
	}
}

// What .save has written runs, and does what was typed, however that was written.
func TestSaved(t *testing.T) {
	const typed = `x = 5;
1 + 1 -- two
x;
({x,
  7})[2] --[[the second]]
y = print
(function() y(x + 3) end)()
return x * 2, 11 -- as in Lua 5.1
local z = 12 return z
=z + 1
.save it.lua
`
	var out bytes.Buffer
	cfg := luabind.Config{Fs: afero.NewMemMapFs(), Stdout: &out, Stderr: &out}
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := repl.Run(t.Context(), e, strings.NewReader(typed), io.Discard, &out); err != nil || out.Len() > 0 {
		t.Fatalf("typed: %v, %s", err, &out)
	}
	script, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer script.Close()
	if err := script.RunFile(t.Context(), "it.lua"); err != nil {
		text, _ := afero.ReadFile(cfg.Fs, "it.lua")
		t.Fatalf("%v in\n%s", err, text)
	}
	if want := "2\n5\n7\n8\n10\t11\n12\n13\n"; out.String() != want {
		t.Errorf("printed %q, want %q", &out, want)
	}
}
