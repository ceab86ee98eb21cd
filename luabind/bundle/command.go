package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"luaspawn/luabind"
)

// Usage says what Command takes.
const Usage = `usage: luaspawn build script.lua [-o APP] [--include NAME]... [--without NAME]... [--host PROGRAM]
Makes one executable of this program, the script, and the modules in Lua that it requires.
  -o APP          the file; otherwise the script's name without .lua, in the working directory
  --include NAME  a module that the script requires by a name that isn't in its source; NAME.* is NAME and all below it
  --without NAME  a module that the script requires and can do without
  --host PROGRAM  a luaspawn for another system, in place of this one
`

// Command is what a program does whose user asks it to build an app of itself; args are those after
// the word by which it was asked. modules are its Config's, and path says where the modules in Lua of a script are.
type Command struct {
	Modules []luabind.Module
	Path    func(script string) string
	Out     io.Writer // what was asked for: the usage
	Notes   io.Writer // what the user should know
}

// arguments is a parsed command line.
type arguments struct {
	help                      bool
	script, output, host      string
	include, without, unnamed []string
}

func parse(args []string) (*arguments, error) {
	a := new(arguments)
	for i := 0; i < len(args); i++ {
		name := args[i]
		value := func(into *string) (err error) {
			if i++; i == len(args) || args[i] == "" {
				return fmt.Errorf("'%s' needs an argument (luaspawn build -h)", name)
			}
			*into = args[i]
			return nil
		}
		var err error
		var module string
		switch {
		case name == "-h" || name == "--help":
			a.help = true
		case name == "-o":
			err = value(&a.output)
		case name == "--host":
			err = value(&a.host)
		case name == "--include":
			err = value(&module)
			a.include = append(a.include, module)
		case name == "--without":
			err = value(&module)
			a.without = append(a.without, module)
		case strings.HasPrefix(name, "-") || name == "":
			err = fmt.Errorf("unrecognized option '%s' (luaspawn build -h)", name)
		default:
			a.unnamed = append(a.unnamed, name)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(a.unnamed) == 1 {
		a.script = a.unnamed[0]
	} else if !a.help {
		return nil, errors.New("build takes one script (luaspawn build -h)")
	}
	return a, nil
}

// Run does what args ask for.
func (c *Command) Run(args []string) error {
	a, err := parse(args)
	if err != nil {
		return err
	}
	if a.help {
		_, err := io.WriteString(c.Out, Usage)
		return err
	}
	program, err := Host(a.host)
	if err != nil {
		return fmt.Errorf("cannot build: %w", err)
	}
	plan := Plan{Script: a.script, Path: c.Path(a.script), Has: c.has, Loaded: c.loaded, Include: a.include, Without: a.without}
	b, notes, err := plan.Make()
	for _, note := range notes {
		fmt.Fprintln(c.Notes, note)
	}
	if err != nil {
		return err
	}
	if a.output == "" {
		a.output = strings.TrimSuffix(filepath.Base(a.script), ".lua")
		if bytes.HasPrefix(program, []byte("MZ")) { // Windows
			a.output += ".exe"
		}
	}
	if err := b.spare(a.output); err != nil {
		return err
	}
	app, err := Attach(program, b)
	if err != nil {
		return fmt.Errorf("cannot build: %w", err)
	}
	return Write(a.output, app)
}

// spare refuses to write the app where one of its sources is.
func (b *Bundle) spare(output string) error {
	there, err := os.Stat(output)
	if err != nil {
		return nil
	}
	if there.IsDir() {
		return fmt.Errorf("cannot write %s: is a directory (-o APP)", output)
	}
	for _, f := range append([]File{b.Script}, b.Modules...) {
		if info, err := os.Stat(f.Name); err == nil && os.SameFile(info, there) {
			return fmt.Errorf("cannot write %s: it is a source of the app (-o APP)", output)
		}
	}
	return nil
}

// standard are the modules that every engine has.
var standard = []string{"_G", "coroutine", "debug", "io", "math", "os", "package", "string", "table"}

// loaded says whether a module is open before a script runs, or comes before any file.
func (c *Command) loaded(module string) bool {
	return slices.Contains(standard, module) || slices.ContainsFunc(c.Modules, func(m luabind.Module) bool {
		return m.Name == module && (m.BeforeFiles || !m.OnDemand && m.Source == "")
	})
}

// has says whether the program has a module.
func (c *Command) has(module string) bool {
	return slices.ContainsFunc(c.Modules, func(m luabind.Module) bool { return m.Name == module })
}
