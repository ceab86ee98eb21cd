package repl

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/repl/internal/show"
)

// promptManual is the manual of what there is at a prompt alone.
const promptManual = `# the prompt
help([what])
    what there is; of a function, a module, a class or an object: how it is used
jobs()
    the children: number, name, pid, state, exit code, age
_
    the last value, of several the first
`

const helpText = `An expression prints its values, =expression too; _ is the last one. An input goes on on the next line
until it is complete. Functions and classes typed here start as processes like those of a file.

A local at the top level stays: the lines after it see it, functions share it, and processes get it as
any upvalue. A second local of the same name is another variable; functions from before keep theirs.

Enter         runs what is complete          Alt-Enter         a new line all the same
Tab           completes, twice lists         Up, Down          lines, and what was typed before
Ctrl-R        searches that (Ctrl-S back)    Ctrl-A, E, B, F   begin, end, a character back, on
Alt-B, F      a word back, on                Ctrl-K, U, W, Y   cut to the end, the begin, a word; paste
Ctrl-C        clears the line; interrupts what runs and the processes that it waits for
Ctrl-Z        back to the shell, fg returns  Ctrl-D            leaves; asks first if processes run
Ctrl-L        clears the screen              Ctrl-_            undoes

help(x) tells of a function, a module, a class or an object, help "string.format" of what has that name:
`

// help is help([what]).
func (s *session) help(L *lua.LState) int {
	v := L.Get(1)
	if v == lua.LNil && L.GetTop() == 0 {
		s.console.Write([]byte(helpText + s.contents()))
		return 0
	}
	var entries []entry
	if path, ok := v.(lua.LString); ok {
		if entries = s.findPath(string(path)); len(entries) == 0 {
			if there := s.at(string(path)); there != nil {
				v = there
			}
		}
	}
	if len(entries) == 0 {
		entries = s.find(v)
	}
	var b strings.Builder
	for i, e := range entries {
		b.WriteString(e.usage + "\n")
		if i+1 == len(entries) || entries[i+1].text != e.text { // else they share it
			b.WriteString("    " + strings.ReplaceAll(e.text, "\n", "\n    ") + "\n")
		}
	}
	if len(entries) == 0 {
		fmt.Fprintf(&b, "no help for %s\n", describe(v))
	}
	s.console.Write([]byte(b.String()))
	return 0
}

// findPath returns the entries of that path, or of that section.
func (s *session) findPath(path string) []entry {
	m := s.theManual()
	var found []entry
	for _, section := range m.sections {
		if section.title == path {
			return section.entries
		}
		for _, e := range section.entries {
			if e.path == path || m.of(e) == path {
				found = append(found, e)
			}
		}
	}
	return found
}

// describe says what there is to say of what the manual doesn't know.
func describe(v lua.LValue) string {
	if f, ok := v.(*lua.LFunction); ok && !f.IsG {
		return fmt.Sprintf("this function; it is defined at %s:%d", show.Escape(f.Proto.SourceName), f.Proto.LineDefined)
	}
	if name, ok := v.(lua.LString); ok {
		return show.Quote(string(name), 100)
	}
	return "a " + v.Type().String() + " value"
}

// contents lists the sections of the manual with the names in them.
func (s *session) contents() string {
	var b strings.Builder
	for _, section := range s.theManual().sections {
		b.WriteString("\n" + section.title + ":")
		column := len(section.title) + 1
		last := ""
		for _, e := range section.entries {
			if e.path == last {
				continue
			}
			last = e.path
			if column+1+len(e.path) > 100 {
				b.WriteString("\n ")
				column = 1
			}
			b.WriteString(" " + e.path)
			column += 1 + len(e.path)
		}
	}
	return b.String() + "\n"
}
