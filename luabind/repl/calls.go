package repl

import (
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/stub"
	"luaspawn/luabind/repl/internal/luatext"
	"luaspawn/luabind/repl/internal/show"
)

// call is the innermost call whose arguments a text ends in.
type call struct {
	chain    []string // names that lead to the function, see chainBefore; nil: something else does
	argument int      // which one comes next, 0 being the first
	fresh    bool     // nothing of it is there yet
	table    bool     // it is a table in braces
	key      bool     // where a key of that table may begin
	given    []string // keys that the table has
}

// callAt returns the call whose arguments tokens, those of text, end in; nil: there is none.
func callAt(text string, tokens []luatext.Token) *call {
	piece := func(i int) string { return text[tokens[i].Start:tokens[i].End] }
	before := func(i int) int { // the token before i that is no space
		for i--; i >= 0 && (tokens[i].Kind == luatext.Space || tokens[i].Kind == luatext.Comment); i-- {
		}
		return i
	}
	c := &call{}
	last := before(len(tokens))
	if last < 0 {
		return nil
	}
	c.fresh = slices.Contains([]string{"(", "{", ","}, piece(last))
	c.key = slices.Contains([]string{"{", ",", ";"}, piece(last))
	depth, after := 0, "" // what follows the token
	for i := last; i >= 0; after, i = piece(i), before(i) {
		t := tokens[i]
		switch symbol := piece(i); {
		case t.Kind == luatext.Name && depth == 0 && after == "=":
			c.given = append(c.given, symbol)
		case t.Kind != luatext.Symbol:
		case strings.Contains(")]}", symbol):
			depth++
		case strings.Contains("([{", symbol) && depth > 0:
			depth--
		case symbol == "[":
			return nil
		case symbol == "," && depth == 0:
			c.argument++
		case symbol == "{" && c.table:
			return nil // a table in a table
		case symbol == "{":
			c.table, c.argument, c.fresh = true, 0, false
			if name := before(i); name >= 0 && tokens[name].Kind == luatext.Name {
				c.chain = chainEndingAt(text, tokens, name)
				return c
			}
			if open := before(i); open < 0 || piece(open) != "(" && piece(open) != "," {
				return nil
			}
		case symbol == "(":
			if name := before(i); name >= 0 && tokens[name].Kind == luatext.Name {
				c.chain = chainEndingAt(text, tokens, name)
				return c
			}
			return nil
		}
	}
	return nil
}

// chainEndingAt returns the names of a.b:c, the last of which is token i.
func chainEndingAt(text string, tokens []luatext.Token, i int) []string {
	name := text[tokens[i].Start:tokens[i].End]
	before, separator := chainBefore(text, tokens[:i])
	if separator == "" {
		return []string{name}
	}
	if before == nil {
		return nil
	}
	return append(before, name)
}

// called returns what a call calls; nil: that can't be found without running code.
func (s *session) called(c *call) lua.LValue {
	if c == nil || len(c.chain) == 0 {
		return nil
	}
	return s.chained(c.chain)
}

// suggestKeyword returns those keywords of the call that tokens end in, such as args of
// Process{, that begin with word and aren't there yet.
func (s *session) suggestKeyword(text string, tokens []luatext.Token, word string) []string {
	c := callAt(text, tokens)
	if c == nil || !c.table || !c.key {
		return nil
	}
	v := s.called(c)
	if v == nil {
		return nil
	}
	own, _ := s.find(v)
	var names []string
	for _, it := range own {
		if c.argument >= len(it.Params) {
			continue
		}
		for typ := range strings.SplitSeq(it.Params[c.argument].Type, "|") {
			for _, f := range s.theManual().inside(strings.TrimSuffix(typ, "?")) {
				_, name := f.Container()
				if f.Kind == stub.Field && luatext.IsName(name) && strings.HasPrefix(name, word) && !slices.Contains(c.given, name) {
					names = append(names, name+" = ")
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// explain tells of the function whose arguments begin at the cursor, in the lines that help
// begins with; empty: there is nothing to tell.
func (s *session) explain(text string, at int) string {
	c := callAt(text[:at], luatext.Tokens(text[:at]))
	if c == nil || !c.fresh {
		return ""
	}
	v := s.called(c)
	if v == nil {
		return ""
	}
	own, _ := s.find(v)
	var b strings.Builder
	about := ""
	for _, it := range own {
		if len(it.Params) == 0 && it.Kind != stub.Function {
			continue
		}
		b.WriteString(strings.Join(it.Usages, "\n") + "\n")
		if about == "" {
			about, _, _ = strings.Cut(it.Text, "\n")
		}
	}
	if about != "" {
		b.WriteString("    " + about + "\n")
	}
	if f, ok := v.(*lua.LFunction); ok && !f.IsG && b.Len() == 0 {
		fmt.Fprintf(&b, "%s(%s)\n    defined at %s:%d\n", strings.Join(c.chain, "."), strings.Join(parameterNames(f), ", "), show.Escape(f.Proto.SourceName), f.Proto.LineDefined)
	}
	return b.String()
}

// parameterNames returns the names of the parameters of a function written in Lua.
func parameterNames(f *lua.LFunction) []string {
	var names []string
	for _, local := range f.Proto.DbgLocals[:min(int(f.Proto.NumParameters), len(f.Proto.DbgLocals))] {
		names = append(names, local.Name)
	}
	if f.Proto.IsVarArg != 0 {
		names = append(names, "...")
	}
	return names
}
