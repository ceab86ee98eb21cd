// Package stub reads stubs: Lua files that say what a module holds, in the
// annotations of the Lua language server (https://luals.github.io/wiki/annotations).
// Editors read the same files. They are embedded as text in every program, and
// parsed only when somebody asks for help.
//
// The subset, strictly; "# text" is always the description of what stands before it:
//
//	---@meta NAME                             the first line: the module's name
//	---text                                   up to the first blank line: of the module
//
//	---text                                   of what follows
//	---@class NAME[: SUPER]
//	---@field NAME[?] TYPE [# text]           also [TYPE] in place of NAME
//	---@operator NAME: TYPE                   also NAME(TYPE): TYPE
//	---@overload fun(NAME[?]: TYPE, ...): TYPE
//	local NAME = {}                           or NAME = {}; neither: a record, a class of tables with these fields
//
//	---text
//	---@param NAME[?] TYPE [# text]           one for each parameter, in their order
//	---@return TYPE [# text]
//	---@overload fun(NAME[?]: TYPE, ...): TYPE
//	function A.B(NAME, ...) end               or A:B, or B; local function NAME: the module itself
//
//	---text
//	---@type TYPE
//	A.B = VALUE                               or B; nil, {}, a number, a string or a name
//
//	return NAME                               the last line of a module
//
// Lines that begin with "-- " are comments.
package stub

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Stub is what one file says.
type Stub struct {
	Name  string
	Text  string  // of the module
	Items []*Item // in the order of the file
}

// Kind is what an item is.
type Kind int

const (
	Function Kind = iota
	Class
	Field // of a class or a table, or a global variable
)

// An Item is something that has a name.
type Item struct {
	Kind    Kind
	Path    string   // where it is: "multiprocessing.Queue:put"
	Usages  []string // how it is written: "Queue:put(v [, block [, timeout]])"
	Text    string   // what it does, in one or more lines
	Params  []Value  // of a function
	Returns []Value  // of a function
	Type    string   // of a field
	Super   string   // the class that a class inherits from
	Record  bool     // a class of tables with certain fields
}

// Container returns the path of what the item is in and its name there; empty is
// the global table.
func (it *Item) Container() (path, name string) {
	if it.Kind == Class {
		return "", it.Path
	}
	i := strings.LastIndexAny(it.Path, ".:[")
	return it.Path[:max(i, 0)], strings.TrimSuffix(it.Path[i+1:], "]")
}

// A Value is a parameter or a result.
type Value struct {
	Name     string // empty: it is a result
	Optional bool
	Type     string
	Text     string
}

// grammar is compiled with each stub, and not when a program starts: children that
// never show help would pay for it.
type grammar struct {
	metaLine, tagLine, className, valueLine, operatorLine,
	overloadLine, functionLine, valueIsLine, returnLine *regexp.Regexp
}

func newGrammar() grammar {
	return grammar{
		metaLine:     regexp.MustCompile(`^---@meta ([\w.]+)$`),
		tagLine:      regexp.MustCompile(`^---@(\w+) +(.*)$`),
		className:    regexp.MustCompile(`^([\w.]+\*?)(?:: *([\w.]+))?$`),
		valueLine:    regexp.MustCompile(`^(\w+|\.\.\.|\[\w+\])(\??) +(.+)$`),
		operatorLine: regexp.MustCompile(`^\w+(?:\((.+)\))?: *(.+)$`),
		overloadLine: regexp.MustCompile(`^fun\((.*)\)(?:: *(.+))?$`),
		functionLine: regexp.MustCompile(`^(?:local )?function (?:([\w.]+)([.:]))?(\w+)\(([\w, .]*)\) end$`),
		valueIsLine:  regexp.MustCompile(`^(local )?(?:([\w.]+)\.)?(\w+) = (nil|\{\}|-?[\d.]+|"[^"\\]*"|[a-zA-Z_][\w.]*)$`),
		returnLine:   regexp.MustCompile(`^return (\w+)$`),
	}
}

// Parse reads a stub. An error names the line.
func Parse(text string) (*Stub, error) {
	p := parser{grammar: newGrammar(), paths: map[string]string{}, stub: &Stub{}}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range append(lines, "") {
		if err := p.line(i, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return p.stub, nil
}

type parser struct {
	grammar
	stub   *Stub
	paths  map[string]string // of the names of local variables
	next   pending
	opened bool           // the text of the module is over
	ended  bool           // by return
	module *regexp.Regexp // what the names of its own classes begin with
}

// pending is what was said of the item that is to come.
type pending struct {
	Item
	text      []string
	fields    []*Item
	overloads []overload
	class     bool
	tags      int // annotations
}

type overload struct{ params, returns []Value }

func (p *parser) line(i int, line string) error {
	switch tag := p.tagLine.FindStringSubmatch(line); {
	case i == 0:
		m := p.metaLine.FindStringSubmatch(line)
		if m == nil {
			return fmt.Errorf("want ---@meta and a name")
		}
		p.stub.Name, p.module = m[1], regexp.MustCompile(`\b`+regexp.QuoteMeta(m[1])+`\.`)
		return nil
	case line == "":
		return p.blank()
	case p.ended:
		return fmt.Errorf("%q after the return", line)
	case tag != nil:
		p.next.tags++
		return p.tag(tag[1], strings.TrimSpace(tag[2]))
	case strings.HasPrefix(line, "---@"):
		return fmt.Errorf("malformed annotation %q", line)
	case strings.HasPrefix(line, "---"):
		if p.next.tags > 0 {
			return fmt.Errorf("the text comes before the annotations")
		}
		p.next.text = append(p.next.text, strings.TrimPrefix(line[3:], " "))
		return nil
	case strings.HasPrefix(line, "-- "):
		return nil
	}
	return p.statement(line)
}

// blank ends the text of the module, or a record.
func (p *parser) blank() error {
	switch {
	case p.next.class:
		p.next.Record = true
		return p.add(p.next.Path)
	case !p.opened && p.next.tags == 0:
		p.stub.Text = strings.Join(p.next.text, "\n")
	case p.next.tags > 0 || p.next.text != nil:
		return fmt.Errorf("a comment with nothing below it")
	}
	p.opened, p.next = true, pending{}
	return nil
}

func (p *parser) tag(name, rest string) error {
	n := &p.next
	switch name {
	case "class":
		m := p.className.FindStringSubmatch(rest)
		if m == nil || n.tags > 1 {
			return fmt.Errorf("malformed class %q", rest)
		}
		n.class, n.Kind, n.Path, n.Super = true, Class, m[1], m[2]
		return nil
	case "field", "param":
		m := p.valueLine.FindStringSubmatch(rest)
		if m == nil {
			return fmt.Errorf("malformed %s %q", name, rest)
		}
		v, err := value(m[3])
		if v.Name, v.Optional = m[1], m[2] != ""; name == "param" {
			n.Params = append(n.Params, v)
		} else {
			if v.Optional {
				v.Type += "|nil"
			}
			n.fields = append(n.fields, &Item{Kind: Field, Path: v.Name, Type: v.Type, Text: v.Text})
		}
		return err
	case "return":
		v, err := value(rest)
		n.Returns = append(n.Returns, v)
		return err
	case "type":
		v, err := value(rest)
		n.Type = v.Type
		return err
	case "operator":
		m := p.operatorLine.FindStringSubmatch(rest)
		if m == nil {
			return fmt.Errorf("malformed operator %q", rest)
		}
		_, err := value(m[2])
		return err
	case "overload":
		m := p.overloadLine.FindStringSubmatch(rest)
		if m == nil {
			return fmt.Errorf("malformed overload %q", rest)
		}
		var o overload
		for _, param := range split(m[1]) {
			name, typ, ok := strings.Cut(param, ":")
			v, err := value(strings.TrimSpace(typ))
			if !ok || err != nil {
				return fmt.Errorf("malformed parameter %q", param)
			}
			v.Name, v.Optional = strings.CutSuffix(name, "?")
			o.params = append(o.params, v)
		}
		for _, result := range split(m[2]) {
			v, err := value(result)
			if err != nil {
				return err
			}
			o.returns = append(o.returns, v)
		}
		n.overloads = append(n.overloads, o)
		return nil
	}
	return fmt.Errorf("unknown annotation @%s", name)
}

// value reads "TYPE # text".
func value(s string) (Value, error) {
	typ, text, _ := strings.Cut(s, " # ")
	var open []rune
	for _, r := range typ {
		switch r {
		case '(', '{', '<', '[':
			open = append(open, r)
		case ')', '}', '>', ']':
			if len(open) == 0 || !strings.ContainsRune("()[]{}<>", r) || !strings.Contains("(){}<>[]", string(open[len(open)-1])+string(r)) {
				return Value{}, fmt.Errorf("malformed type %q", typ)
			}
			open = open[:len(open)-1]
		case ' ':
			if len(open) == 0 { // else a description whose "# " was forgotten would be part of the type
				return Value{}, fmt.Errorf("malformed type %q: a blank outside of brackets", typ)
			}
		}
	}
	if typ == "" || len(open) > 0 {
		return Value{}, fmt.Errorf("malformed type %q", typ)
	}
	return Value{Type: typ, Text: strings.TrimSpace(text)}, nil
}

// split cuts s at the commas that are in no brackets.
func split(s string) []string {
	var parts []string
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '(', '{', '<', '[':
			depth++
		case ')', '}', '>', ']':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	if last := strings.TrimSpace(s[start:]); last != "" {
		parts = append(parts, last)
	}
	return parts
}

func (p *parser) statement(line string) error {
	n := &p.next
	if m := p.returnLine.FindStringSubmatch(line); m != nil {
		if p.paths[m[1]] != p.stub.Name || n.tags > 0 || n.text != nil {
			return fmt.Errorf("want the return of the module")
		}
		p.ended = true
		return nil
	}
	if m := p.functionLine.FindStringSubmatch(line); m != nil {
		var said []string
		for _, v := range n.Params {
			said = append(said, v.Name)
		}
		if !slices.Equal(split(m[4]), said) || n.class || n.Type != "" {
			return fmt.Errorf("the annotations of %s don't fit: @param of %q", m[3], said)
		}
		if m[1] == "" { // it may be what the module returns
			p.paths[m[3]] = m[3]
		}
		return p.add(p.path(m[1]) + m[2] + m[3])
	}
	m := p.valueIsLine.FindStringSubmatch(line)
	if m == nil {
		return fmt.Errorf("malformed statement %q", line)
	}
	path := strings.TrimPrefix(p.path(m[2])+"."+m[3], ".")
	switch {
	case m[1] != "" && !n.class:
		return fmt.Errorf("local %s is no class", m[3])
	case m[1] != "":
		path = n.Path
	case n.class && path != n.Path:
		return fmt.Errorf("class %s stands before %s", n.Path, path)
	}
	if !n.class {
		n.Kind = Field
		switch {
		case n.Type == "" && m[4] == "{}":
			n.Type = "table"
		case n.Type == "" && p.paths[m[4]] != "": // another name of a class or a table
			n.Type = p.paths[m[4]]
		case n.Type == "":
			return fmt.Errorf("%s has no @type", path)
		}
	}
	p.paths[strings.TrimPrefix(m[2]+"."+m[3], ".")] = path
	return p.add(path)
}

// path returns that of a variable in the file, whose table the next item is in.
func (p *parser) path(variable string) string {
	if path, ok := p.paths[variable]; ok {
		return path
	}
	return variable // a global of somebody else's
}

// add ends the item that is pending.
func (p *parser) add(path string) error {
	n := p.next
	p.next, p.opened = pending{}, true
	it := &n.Item
	it.Path, it.Text = path, strings.Join(n.text, "\n")
	for _, other := range p.stub.Items {
		if other.Path == path && other.Kind == it.Kind {
			return fmt.Errorf("%s is there twice", path)
		}
	}
	if len(n.fields) > 0 && !n.class {
		return fmt.Errorf("%s is no class that could have fields", path)
	}
	p.stub.Items = append(p.stub.Items, it)
	for _, f := range n.fields {
		if f.Path[0] != '[' {
			f.Path = "." + f.Path
		}
		f.Path = path + f.Path
		f.Usages = []string{p.short(f.Path) + ": " + p.shortType(f.Type)}
		p.stub.Items = append(p.stub.Items, f)
	}
	switch {
	case it.Kind == Function:
		n.overloads = append([]overload{{it.Params, it.Returns}}, n.overloads...)
	case it.Kind == Class && len(n.overloads) > 0:
		it.Params = n.overloads[0].params
	case it.Kind == Class:
		it.Usages = []string{strings.TrimPrefix(path, p.stub.Name+".")}
	default:
		it.Usages = []string{p.short(path) + ": " + p.shortType(it.Type)}
	}
	for _, o := range n.overloads {
		it.Usages = append(it.Usages, p.usage(it.Path, o))
	}
	return nil
}

// usage writes a call as help shows it: "multiprocessing.wait(list [, timeout]) -> table".
func (p *parser) usage(path string, o overload) string {
	u := p.short(path)
	if keys := p.keys(o.params); keys != nil {
		u += "{" + strings.Join(keys, ", ") + "}"
	} else {
		u += "("
		open := 0
		for i, v := range o.params {
			if v.Optional {
				open++
				if i > 0 {
					u += " "
				}
				u += "["
			}
			if i > 0 {
				u += ", "
			}
			u += v.Name
		}
		u += strings.Repeat("]", open) + ")"
	}
	for i, v := range o.returns {
		if i == 0 {
			u += " -> "
		} else {
			u += ", "
		}
		u += p.shortType(v.Type)
	}
	return u
}

// short returns the path without the name of the module if a class is in it.
func (p *parser) short(path string) string {
	i := strings.LastIndexAny(path, ".:[")
	if i > len(p.stub.Name) && slices.ContainsFunc(p.stub.Items, func(it *Item) bool { return it.Kind == Class && it.Path == path[:i] }) {
		return strings.TrimPrefix(path, p.stub.Name+".")
	}
	return path
}

func (p *parser) shortType(typ string) string { return p.module.ReplaceAllString(typ, "") }

// keys returns the fields of the record that is the one parameter, in the form
// in which a call gives them; nil: it is none.
func (p *parser) keys(params []Value) []string {
	if len(params) != 1 {
		return nil
	}
	var keys []string
	for _, it := range p.stub.Items {
		if container, name := it.Container(); it.Kind == Field && container == params[0].Type && p.isRecord(container) {
			keys = append(keys, name+" =")
		}
	}
	return keys
}

func (p *parser) isRecord(class string) bool {
	return slices.ContainsFunc(p.stub.Items, func(it *Item) bool { return it.Record && it.Path == class })
}
