package repl

import (
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/stub"
	"luaspawn/luabind/repl/internal/show"
)

// helpText is what help() begins with. With the modules it fits a screen of 80 by 24.
const helpText = `An expression prints its values, =expression too; _ is the last one. An input
goes on on the next line until it is complete. A local at the top level stays.
Functions and classes typed here start as processes like those of a file.

Enter   runs what is complete            Tab     completes; tells of a call
Up      what was typed before            Ctrl-R  searches that
Right   takes the rest, shown in grey    Ctrl-L  clears the screen
Ctrl-C  clears the line; interrupts what runs, with the processes it waits for
Ctrl-D  leaves; asks first if processes run

jobs()          the processes; jobs()[2]:kill() ends one
.time CODE      how long it takes        .reload MODULE  loads it anew
.edit           what ran last, changed   .save FILE      what ran, as a script

help(x) tells of a function, a module, a class, an object, help "queue" of what
has that name, help "keys" of all keys, help "names" of all that is in
`

const keysText = `Enter         runs what is complete          Alt-Enter         a new line all the same
Tab           completes, twice lists         Up, Down          lines, and what was typed before
Ctrl-R        searches that (Ctrl-S back)    Alt-<, Alt->      the first of it, and back
Right, Ctrl-E take what is shown in grey     Alt-F             takes a word of it
Ctrl-A, E     begin and end of the line      Ctrl-B, F         a character back, on
Alt-B, F      a word back, on                Ctrl-D, Alt-D     deletes a character, cuts a word
Ctrl-K, U     cuts to the end, the begin     Ctrl-W, Alt-Bksp  cuts what is before, a word
Ctrl-Y        pastes what was cut            Alt-Y             what was cut before that
Ctrl-T, Alt-T swaps characters, words        Alt-U, L, C       word in upper, lower case, as a name
Alt-.         last operand of the entry before; again: of the one before that
Alt-1 to 9    the next key so many times; Alt-- backwards
Ctrl-_        undoes                         Ctrl-L            clears the screen
Ctrl-C        clears the line; interrupts what runs and the processes that it waits for
Ctrl-Z        back to the shell, fg returns  Ctrl-D            leaves; asks first if processes run
`

// help is help([what]).
func (s *session) help(L *lua.LState) int {
	v := L.Get(1)
	if v == lua.LNil && L.GetTop() == 0 {
		s.console.Write([]byte(helpText + s.moduleNames()))
		return 0
	}
	switch v {
	case lua.LString("keys"):
		s.console.Write([]byte(keysText))
		return 0
	case lua.LString("names"):
		s.console.Write([]byte(s.contents()))
		return 0
	}
	var own, inside []*stub.Item
	if path, ok := v.(lua.LString); ok {
		own, inside = s.findPath(string(path))
		if there := s.at(string(path)); len(own) == 0 && there != nil {
			v = there
		}
	} else {
		own, inside = s.find(v)
	}
	s.console.Write([]byte(s.describeItems(v, own, inside)))
	return 0
}

// describeItems writes what the manual says of v.
func (s *session) describeItems(v lua.LValue, own, inside []*stub.Item) string {
	var b strings.Builder
	m := s.theManual()
	seen := map[string]bool{} // functions that make objects: their class needs no line then
	entries := append(own, inside...)
	for _, it := range entries {
		seen[it.Path] = seen[it.Path] || it.Kind == stub.Function
	}
	var shown []*stub.Item
	for _, it := range entries {
		i := slices.IndexFunc(m.stubs, func(s *stub.Stub) bool { return s.Name == it.Path })
		switch {
		case i >= 0 && it.Kind != stub.Function: // a module
			if m.stubs[i].Text != "" {
				b.WriteString(m.stubs[i].Text + "\n")
			}
		case it.Text == "" && it.Kind != stub.Function, it.Kind == stub.Class && seen[it.Path]:
		default:
			shown = append(shown, it)
		}
	}
	for i, it := range shown {
		b.WriteString(strings.Join(it.Usages, "\n") + "\n")
		if i+1 < len(shown) && shown[i+1].Text == it.Text { // they share it
			continue
		}
		if it.Text != "" {
			b.WriteString("    " + strings.ReplaceAll(it.Text, "\n", "\n    ") + "\n")
		}
		if len(own) <= 2 && slices.Contains(own, it) {
			b.WriteString(m.parameters(it))
		}
	}
	if b.Len() == 0 {
		return fmt.Sprintf("no help for %s\n", describe(v))
	}
	return b.String()
}

// parameters lists those of an item, or the keywords that are its one parameter.
func (m *manual) parameters(it *stub.Item) string {
	params := it.Params
	if len(params) == 1 {
		var keywords []stub.Value
		for _, f := range m.inside(params[0].Type) {
			_, name := f.Container()
			keywords = append(keywords, stub.Value{Name: name, Type: f.Type, Text: f.Text})
		}
		if keywords != nil {
			params = keywords
		}
	}
	var names, types int // how wide
	for _, p := range params {
		names, types = max(names, len(p.Name)), max(types, len(p.Type))
	}
	var b strings.Builder
	for _, p := range params {
		b.WriteString(strings.TrimRight(fmt.Sprintf("    %-*s  %-*s  %s", names, p.Name, types, p.Type, p.Text), " ") + "\n")
	}
	return b.String()
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

// moduleNames lists the modules of the manual.
func (s *session) moduleNames() string {
	var b strings.Builder
	column := 0
	for _, stub := range s.theManual().stubs {
		if stub.Name == "prompt" {
			continue
		}
		if column > 0 && column+1+len(stub.Name) > 79 {
			b.WriteString("\n")
			column = 0
		}
		if column > 0 {
			b.WriteString(" ")
			column++
		}
		b.WriteString(stub.Name)
		column += len(stub.Name)
	}
	return b.String() + "\n"
}

// contents lists the modules of the manual with the names in them.
func (s *session) contents() string {
	var b strings.Builder
	m := s.theManual()
	for _, stub := range m.stubs {
		b.WriteString(stub.Name + ":")
		column := len(stub.Name) + 1
		last := map[string]bool{stub.Name: true}
		for _, it := range stub.Items {
			name := strings.TrimPrefix(it.Path, stub.Name+".")
			if last[name] || it.Record || m.belongs(it) {
				continue
			}
			last[name] = true
			if column+1+len(name) > 100 {
				b.WriteString("\n ")
				column = 1
			}
			b.WriteString(" " + name)
			column += 1 + len(name)
		}
		b.WriteString("\n")
	}
	return b.String()
}
