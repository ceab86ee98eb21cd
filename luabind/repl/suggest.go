package repl

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/repl/internal/luatext"
)

// suggest returns what may stand in the place of text[from:at], the cursor being
// at at: commands of the prompt and what they take, names of members behind a . or :, modules in the string of a require,
// keywords and variables elsewhere. No code of the script is run for it.
func (s *session) suggest(text string, at int) (from int, names []string) {
	if from, names, ok := s.suggestCommand(text[:at]); ok {
		return from, names
	}
	tokens := luatext.Tokens(text[:at])
	if len(tokens) == 0 {
		return at, nil
	}
	last := tokens[len(tokens)-1]
	word := ""
	from = at
	switch {
	case last.Kind == luatext.String && last.Open:
		if !inRequire(text, tokens) {
			return s.suggestFile(text[:at], last)
		}
		return s.suggestModule(text[:at], last)
	case last.Kind == luatext.Comment:
		return at, nil
	case last.Kind == luatext.Name || last.Kind == luatext.Keyword:
		word, from = text[last.Start:last.End], last.Start
		tokens = tokens[:len(tokens)-1]
	}
	all := map[string]bool{}
	switch chain, separator := chainBefore(text, tokens); {
	case separator == "":
		if names := s.suggestKeyword(text[:at], tokens, word); names != nil {
			return from, names
		}
		if word == "" {
			return at, nil
		}
		all = s.variables()
	case chain == nil: // behind what would have to be evaluated
		return at, nil
	default:
		v := s.chained(chain)
		if v == nil {
			return at, nil
		}
		methods := separator == ":"
		for name, callable := range s.memberNames(v) {
			if callable || !methods {
				all[name] = true
			}
		}
		for _, name := range s.documented(v, methods) {
			all[name] = true
		}
	}
	for name := range all {
		hidden := strings.HasPrefix(name, "_") && !strings.HasPrefix(word, "_")
		if strings.HasPrefix(name, word) && !hidden && (luatext.IsName(name) || luatext.IsKeyword(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return from, names
}

// chainBefore returns the names before the last . or : of tokens, "a" and "b" of
// a.b: say, and that last separator; empty: the tokens don't end in one. A chain that begins
// with anything but a name is nil.
func chainBefore(text string, tokens []luatext.Token) (chain []string, separator string) {
	is := func(i int, symbols ...string) bool {
		return i >= 0 && tokens[i].Kind == luatext.Symbol && slices.Contains(symbols, text[tokens[i].Start:tokens[i].End])
	}
	i := len(tokens) - 1
	if !is(i, ".", ":") {
		return nil, ""
	}
	separator = text[tokens[i].Start:tokens[i].End]
	for {
		i--
		if is(i, ")") && i > 1 && tokens[i-1].Kind == luatext.String && is(i-2, "(") && !callsBefore(text, tokens[:i-2]) {
			chain = append(chain, aString)
			slices.Reverse(chain)
			return chain, separator
		}
		if i < 0 || tokens[i].Kind != luatext.Name {
			return nil, separator
		}
		chain = append(chain, text[tokens[i].Start:tokens[i].End])
		i--
		if is(i, ".") {
			continue
		}
		slices.Reverse(chain)
		return chain, separator
	}
}

// aString stands in a chain for a string that is written out.
const aString = `""`

// callsBefore says whether a parenthesis behind tokens calls what they end in.
func callsBefore(text string, tokens []luatext.Token) bool {
	for i := len(tokens) - 1; i >= 0; i-- {
		switch t := tokens[i]; t.Kind {
		case luatext.Space, luatext.Comment:
			continue
		case luatext.Name, luatext.String:
			return true
		default:
			return strings.Contains(")]}", text[t.Start:t.End])
		}
	}
	return false
}

// chained returns what a chain of names leads to; nil: that can't be found without
// running code.
func (s *session) chained(chain []string) lua.LValue {
	if chain[0] == aString {
		return s.follow(lua.LString(""), chain[1:])
	}
	return s.follow(s.named(chain[0]), chain[1:])
}

// variables returns keywords and the names of local and global variables.
func (s *session) variables() map[string]bool {
	all := map[string]bool{}
	for _, k := range luatext.Keywords {
		all[k] = true
	}
	for _, name := range s.locals.Locals() {
		all[name] = true
	}
	globals := inside.State(s.engine).G.Global
	for k, _ := glua.Next(globals, lua.LNil); k != lua.LNil; k, _ = glua.Next(globals, k) {
		if name, ok := k.(lua.LString); ok {
			all[string(name)] = true
		}
	}
	return all
}

// inRequire says whether the string that tokens end in is the argument of require.
func inRequire(text string, tokens []luatext.Token) bool {
	for i := len(tokens) - 2; i >= 0; i-- {
		t := tokens[i]
		if piece := text[t.Start:t.End]; t.Kind != luatext.Space && piece != "(" {
			return piece == "require"
		}
	}
	return false
}

// suggestModule returns modules that begin with the string which text ends in.
func (s *session) suggestModule(text string, last luatext.Token) (from int, names []string) {
	from = last.Start + 1
	if text[last.Start] == '[' {
		return len(text), nil
	}
	prefix := text[from:last.End]
	return from, s.modules(prefix, text[last.Start:last.Start+1])
}

// modules returns the names of modules that begin with prefix, but for those with a character
// of quotes in them.
func (s *session) modules(prefix, quotes string) []string {
	var names []string
	all := map[string]bool{}
	for _, table := range []string{"loaded", "preload"} {
		if t, ok := s.member(s.named("package"), table).(*lua.LTable); ok {
			for k, _ := glua.Next(t, lua.LNil); k != lua.LNil; k, _ = glua.Next(t, k) {
				if name, ok := k.(lua.LString); ok && name != "_G" {
					all[string(name)] = true
				}
			}
		}
	}
	for _, name := range s.engine.OnDemand() {
		all[name] = true
	}
	if templates, ok := s.member(s.named("package"), "path").(lua.LString); ok {
		for template := range strings.SplitSeq(string(templates), ";") {
			s.modulesOf(template, prefix, all)
		}
	}
	for name := range all {
		if strings.HasPrefix(name, prefix) && asItIs(name, quotes) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// maxNames is how many names of a directory are looked at.
const maxNames = 10_000

// modulesOf adds the modules that template leads to, in the directory that prefix
// names.
func (s *session) modulesOf(template, prefix string, all map[string]bool) {
	before, after, ok := strings.Cut(template, "?")
	if !ok || strings.Contains(after, "?") {
		return
	}
	parent := prefix[:strings.LastIndexByte(prefix, '.')+1]
	dir := before + strings.ReplaceAll(parent, ".", "/")
	if dir == "" {
		dir = "."
	}
	fsys := s.engine.Fs()
	dir = s.engine.Path(path.Clean(dir))
	f, err := fsys.Open(dir)
	if err != nil {
		return
	}
	defer f.Close()
	entries, _ := f.Readdir(maxNames) // what can't be read offers nothing
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(after, "/") { // ?/init.lua
			if _, err := fsys.Stat(path.Join(dir, name) + after); err == nil && entry.IsDir() {
				all[parent+name] = true
			}
			continue
		}
		if module, ok := strings.CutSuffix(name, after); ok && module != "" && !strings.Contains(module, ".") && isFile(fsys, entry, path.Join(dir, name)) {
			all[parent+module] = true
		}
	}
}

func isFile(fsys afero.Fs, entry fs.FileInfo, name string) bool {
	if entry.Mode()&fs.ModeSymlink != 0 {
		info, err := fsys.Stat(name)
		return err == nil && info.Mode().IsRegular()
	}
	return entry.Mode().IsRegular()
}
