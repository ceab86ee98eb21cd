package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/repl/internal/luatext"
)

// This file holds the commands of the prompt itself, which begin with a point and a
// letter, as nothing in Lua does:
//
//	.time CODE      evaluates it and says how long that took
//	.edit           what was evaluated last in an editor, and then that
//	.reload MODULE  loads it anew
//	.save FILE      writes what was typed to a file
var commandNames = []string{"edit", "reload", "save", "time"}

// command splits a command into its name and what follows; ok: text is one.
func command(text string) (name, rest string, ok bool) {
	text, ok = strings.CutPrefix(strings.TrimSpace(text), ".")
	if !ok || text == "" || text[0]|0x20 < 'a' || text[0]|0x20 > 'z' {
		return "", "", false
	}
	end := strings.IndexFunc(text, func(r rune) bool { return r < 'a' || r > 'z' })
	if end < 0 {
		end = len(text)
	}
	return text[:end], strings.TrimLeft(text[end:], " \t\n"), true
}

func (s *session) command(name, rest string) error {
	word := strings.Trim(strings.TrimSpace(rest), `"'`)
	switch {
	case name == "edit" && word == "":
		return s.edit()
	case name == "reload" && word != "":
		return s.reload(word)
	case name == "save" && word != "":
		return s.save(word)
	case name == "time" && word != "":
		return s.time(rest)
	}
	return errors.New("the commands are .time CODE, .edit, .reload MODULE and .save FILE")
}

// time evaluates text and says how long that took, without the printing.
func (s *session) time(text string) error {
	f, err := s.compile(text)
	if err != nil {
		return err
	}
	s.took, s.newest = 0, strings.TrimSpace(text)
	err = s.evaluated(text, f)
	s.console.freshLine()
	fmt.Fprintln(s.console, elapsed(s.took))
	return err
}

// elapsed words a duration in three or four digits.
func elapsed(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f us", float64(d)/float64(time.Microsecond))
	case d < time.Second:
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.3f s", d.Seconds())
}

// edit lets an editor change what was evaluated last and evaluates that. The editor is a
// program of this machine: the engine must be allowed to start it, and have its files.
func (s *session) edit() error {
	if s.console.file == nil || !s.engine.Config().Shell || s.engine.Config().Fs == nil {
		return errors.New(".edit: needs a terminal of this machine, its files, and the right to start programs")
	}
	fsys := s.engine.Fs()
	f, err := afero.TempFile(fsys, "", "luaspawn-*.lua")
	if err != nil {
		return fmt.Errorf(".edit: %w", err)
	}
	name := f.Name()
	defer fsys.Remove(name)
	_, err = f.WriteString(s.newest + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf(".edit: %w", err)
	}
	if !sameFile(fsys, name) {
		return errors.New(".edit: the files of this engine are not those of the machine")
	}
	if err := s.runEditor(name); err != nil {
		return fmt.Errorf(".edit: %w", err)
	}
	b, err := afero.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf(".edit: %w", err)
	}
	text := strings.TrimSpace(string(b))
	if text == "" {
		return nil
	}
	fmt.Fprintln(s.console, prompt+strings.ReplaceAll(text, "\n", "\n"+more)) // as if it were typed
	s.remember(text)
	return s.run(text)
}

// sameFile says whether a name in fsys leads to the same file on the machine.
func sameFile(fsys afero.Fs, name string) bool {
	ours, err1 := os.Stat(name)
	theirs, err2 := fsys.Stat(name)
	return err1 == nil && err2 == nil && os.SameFile(ours, theirs)
}

// runEditor lets the editor of the environment edit a file.
func (s *session) runEditor(name string) error {
	editor := "vi"
	for _, variable := range []string{"EDITOR", "VISUAL"} {
		for _, v := range s.engine.Config().Environ {
			if value, ok := strings.CutPrefix(v, variable+"="); ok && value != "" {
				editor = value
			}
		}
	}
	running, err := s.engine.RunProgram(luabind.Program{Line: editor + ` "` + name + `"`})
	if err != nil {
		return err
	}
	<-running.Done()
	s.forgive() // its Ctrl-C is none of ours
	if code := running.Code(); code != 0 {
		return fmt.Errorf("%s has ended with status %d", editor, code)
	}
	return nil
}

// reload loads a module anew. Variables that hold what it was before, global ones and
// locals of the session, hold the new one then; where that fails nothing has changed.
func (s *session) reload(name string) error {
	if s.builtIn(name) {
		return fmt.Errorf(".reload: %s is built in", name)
	}
	return s.protect(func(ctx context.Context) error {
		var old, require lua.LValue
		var loaded *lua.LTable
		if err := s.engine.Alone(ctx, func() {
			loaded, _ = glua.Named(inside.State(s.engine).G.Registry, "_LOADED").(*lua.LTable)
			old, require = glua.Named(loaded, name), glua.Named(inside.State(s.engine).G.Global, "require")
			glua.SetNamed(loaded, name, lua.LNil)
		}); err != nil {
			return err
		}
		values, err := inside.Do(ctx, s.engine, require, 1, lua.LString(name))
		var renewed []string
		if busy := s.engine.Alone(context.WithoutCancel(ctx), func() {
			if err != nil {
				glua.SetNamed(loaded, name, old)
				return
			}
			renewed = s.renew(old, values[0])
		}); busy != nil || err != nil {
			return errors.Join(err, busy)
		}
		if len(renewed) > 0 {
			fmt.Fprintf(s.console, "new in %s\n", strings.Join(renewed, ", "))
		}
		return nil
	})
}

// builtIn says whether a module is one of Lua's own or of the program.
func (s *session) builtIn(name string) bool {
	return slices.ContainsFunc(s.engine.Config().Modules, func(m luabind.Module) bool { return m.Name == name }) ||
		slices.Contains([]string{"_G", "package", "coroutine", "table", "io", "os", "string", "math", "debug"}, name)
}

// renew puts v in the place of old in all variables, and returns their names.
func (s *session) renew(old, v lua.LValue) []string {
	switch old.(type) {
	case *lua.LTable, *lua.LFunction, *lua.LUserData:
	default:
		return nil
	}
	var names []string
	for _, name := range s.locals.Locals() {
		if held, _ := s.locals.Local(name); held == old {
			s.locals.SetLocal(name, v)
			names = append(names, name)
		}
	}
	globals := inside.State(s.engine).G.Global
	var keys []string
	for k, held := glua.Next(globals, lua.LNil); k != lua.LNil; k, held = glua.Next(globals, k) {
		if key, ok := k.(lua.LString); ok && held == old && key != "_" {
			keys = append(keys, string(key))
		}
	}
	for _, key := range keys {
		glua.SetNamed(globals, key, v)
	}
	slices.Sort(keys)
	return append(names, keys...)
}

// savedFirst is the first line of what .save writes. Other files it leaves alone.
const savedFirst = "-- typed at the prompt of luaspawn"

// save writes what was evaluated without an error to a file, as a script that does the
// same: an expression alone is printed there.
func (s *session) save(name string) error {
	if s.engine.Config().Fs == nil {
		return errors.New(".save: this engine has no files")
	}
	fsys, at := s.engine.Fs(), s.engine.Path(name)
	if info, err := fsys.Stat(at); err == nil && !(info.Mode().IsRegular() && (info.Size() == 0 || isSaved(fsys, at))) {
		return fmt.Errorf(".save: %s is there already", name)
	}
	lines := []string{savedFirst}
	for _, text := range s.ran {
		lines = append(lines, s.statement(text))
	}
	if err := afero.WriteFile(fsys, at, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		return fmt.Errorf(".save: %w", err)
	}
	return nil
}

// isSaved says whether a file is one that .save has written.
func isSaved(fsys afero.Fs, name string) bool {
	f, err := fsys.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	first := make([]byte, len(savedFirst)+1)
	_, err = io.ReadFull(f, first)
	return err == nil && string(first) == savedFirst+"\n"
}

// statement returns a text that was evaluated as what it is in a script, where others come before and after it.
func (s *session) statement(text string) string {
	loads := func(text string) bool {
		_, err := s.locals.Load(chunk, text)
		return err == nil
	}
	err := s.engine.Alone(s.ctx, func() {
		expression := strings.TrimSpace(strings.TrimPrefix(text, "="))
		switch {
		case loads(text+"\ndo end") && strings.HasPrefix(text, "("):
			text = "do end " + text // else the line before it may call with it
		case loads(text + "\ndo end"):
		case loads("print(" + expression + ")"):
			text = "print(" + expression + ")"
		case loads("return " + expression): // with a comment behind it, say
			text = "print((function(...) return " + expression + "\nend)(...))"
		default: // it ends with a return of its own
			for _, t := range slices.Backward(luatext.Tokens(text)) {
				if before, last := text[:t.Start], text[t.Start:]; t.Kind == luatext.Keyword && loads(before+"\ndo end") {
					text = before + "print((function(...) " + last + "\nend)(...))"
					break
				}
			}
		}
	})
	if err != nil {
		return "-- " + text
	}
	return text
}

// suggestCommand completes a command, and what .reload and .save take; ok: text is
// the beginning of one, and no Lua.
func (s *session) suggestCommand(text string) (from int, names []string, ok bool) {
	word, isName := strings.CutPrefix(strings.TrimLeft(text, " "), ".")
	if isName && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == "" {
		for _, name := range commandNames {
			if strings.HasPrefix(name, word) {
				names = append(names, "."+name+" ")
			}
		}
		return len(text) - len(word) - 1, names, true
	}
	switch name, rest, _ := command(text); name {
	case "reload":
		return len(text) - len(rest), slices.DeleteFunc(s.modules(rest, ""), s.builtIn), true
	case "save":
		from, names := s.filesOf(rest, len(text), "")
		return from, names, true
	}
	return 0, nil, false
}
