package repl

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// manual is what the modules say of themselves, see luabind.Manual for its form.
type manual struct {
	sections []section
	classes  map[string]string // what an object is called, to the name of its class: p, Process
}

type section struct {
	title   string
	entries []entry
}

// An entry is one way to write something, and what it does.
type entry struct {
	usage string // "p:join([timeout])"
	path  string // "p:join"
	text  string
}

func parseManual(texts []string) *manual {
	m := &manual{classes: map[string]string{}}
	for _, text := range texts {
		m.parse(text)
	}
	return m
}

func (m *manual) parse(text string) {
	var waiting int // entries whose text is to come
	open := false   // the section has begun in this text
	for line := range strings.SplitSeq(text, "\n") {
		if title, ok := strings.CutPrefix(line, "# "); ok {
			m.sections = append(m.sections, section{title: title})
			waiting, open = 0, true
			continue
		}
		if !open || strings.TrimSpace(line) == "" {
			waiting = 0
			continue
		}
		entries := &m.sections[len(m.sections)-1].entries
		if body, ok := strings.CutPrefix(line, "    "); ok {
			for i := len(*entries) - waiting; i < len(*entries); i++ {
				if e := &(*entries)[i]; e.text == "" {
					e.text = body
				} else {
					e.text += "\n" + body
				}
			}
			continue
		}
		if n := len(*entries); waiting > 0 && n > 0 && (*entries)[n-1].text != "" {
			waiting = 0
		}
		waiting++
		*entries = append(*entries, m.entry(line))
	}
}

// entry reads the line of an entry: path(arguments), path, or object = class{...}.
func (m *manual) entry(usage string) entry {
	written := usage
	object, class, isObject := strings.Cut(usage, " = ")
	if isObject && nameEnd(object) == len(object) {
		written = class
	}
	path := written[:nameEnd(written)]
	if isObject && nameEnd(object) == len(object) && m.classes[object] == "" {
		m.classes[object] = path
	}
	return entry{usage: usage, path: path}
}

// nameEnd is where the path at the beginning of s ends.
func nameEnd(s string) int {
	i := strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && r != '.' && r != ':' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
	if i < 0 {
		return len(s)
	}
	return i
}

// of returns the path of e, beginning with the class where it begins with the
// name of an object.
func (m *manual) of(e entry) string {
	i := strings.IndexAny(e.path, ".:")
	if i < 0 {
		return e.path
	}
	if class, ok := m.classes[e.path[:i]]; ok {
		return class + e.path[i:]
	}
	return e.path
}

// theManual returns the manual of the engine.
func (s *session) theManual() *manual {
	if s.manual == nil {
		s.manual = parseManual(s.engine.Manuals())
		s.manual.parse(promptManual)
	}
	return s.manual
}

// documented returns what the manual says that the classes of v have, and their
// objects: also what is computed when it is asked for. Methods alone, or all.
func (s *session) documented(v lua.LValue, methods bool) []string {
	var names []string
	m := s.theManual()
	for _, class := range classNames(v) {
		for _, section := range m.sections {
			for _, e := range section.entries {
				path := m.of(e)
				name, ok := strings.CutPrefix(path, class+":")
				if !ok && !methods {
					name, ok = strings.CutPrefix(path, class+".")
				}
				if ok {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// find returns the entries for v: for a function its own, for a table those of
// what it holds, for a class or an object those of its class.
func (s *session) find(v lua.LValue) []entry {
	m := s.theManual()
	classes := map[string]bool{}
	for _, name := range append(classNames(v), s.kinds(v)...) {
		classes[name] = true
	}
	var own, inside []entry
	for _, section := range m.sections {
		for _, e := range section.entries {
			path := m.of(e)
			i := strings.LastIndexAny(path, ".:")
			switch {
			case s.at(path) == v, i < 0 && classes[path]:
				own = append(own, e)
			case i >= 0 && (classes[path[:i]] || s.at(path[:i]) == v):
				inside = append(inside, e)
			}
		}
	}
	return append(own, inside...)
}

// kinds returns those classes of the manual all of whose methods v has, if v is a
// userdata: nothing that may be looked at says what such a one is. If there are none,
// it is the class that has most of the methods of v, and two at least: not each
// queue can do what some can.
func (s *session) kinds(v lua.LValue) []string {
	if v.Type() != lua.LTUserData {
		return nil
	}
	has := s.memberNames(v)
	found, missing := map[string]int{}, map[string]bool{}
	for _, section := range s.theManual().sections {
		for _, e := range section.entries {
			if class, method, ok := strings.Cut(s.theManual().of(e), ":"); ok {
				missing[class] = missing[class] || !has[method]
				if has[method] {
					found[class]++
				}
			}
		}
	}
	var kinds []string
	nearest := ""
	for class, n := range found {
		if !missing[class] {
			kinds = append(kinds, class)
		}
		if n > found[nearest] || n == found[nearest] && class < nearest {
			nearest = class
		}
	}
	if n := found[nearest]; len(kinds) == 0 && n >= 2 && 2*n >= len(has) {
		kinds = append(kinds, nearest)
	}
	return kinds
}
