package repl

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/repl/internal/luatext"
)

// suggest returns what may stand in the place of text[from:at], the cursor being
// at at: names of members behind a . or :, modules in the string of a require,
// keywords and variables elsewhere. No code of the script is run for it.
func (s *session) suggest(text string, at int) (from int, names []string) {
	tokens := luatext.Tokens(text[:at])
	if len(tokens) == 0 {
		return at, nil
	}
	last := tokens[len(tokens)-1]
	word := ""
	from = at
	switch {
	case last.Kind == luatext.String && last.Open:
		return s.suggestModule(text, tokens)
	case last.Kind == luatext.Comment:
		return at, nil
	case last.Kind == luatext.Name || last.Kind == luatext.Keyword:
		word, from = text[last.Start:last.End], last.Start
		tokens = tokens[:len(tokens)-1]
	}
	all := map[string]bool{}
	switch chain, separator := chainBefore(text, tokens); {
	case separator == "":
		if word == "" {
			return at, nil
		}
		all = s.variables()
	case chain == nil: // behind what would have to be evaluated
		return at, nil
	default:
		v := s.named(chain[0])
		for _, name := range chain[1:] {
			if v != nil {
				v = s.member(v, name)
			}
		}
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

// variables returns keywords and the names of local and global variables.
func (s *session) variables() map[string]bool {
	all := map[string]bool{}
	for _, k := range luatext.Keywords {
		all[k] = true
	}
	for _, name := range s.locals.Locals() {
		all[name] = true
	}
	globals := s.engine.State().G.Global
	for k, _ := globals.Next(lua.LNil); k != lua.LNil; k, _ = globals.Next(k) {
		if name, ok := k.(lua.LString); ok {
			all[string(name)] = true
		}
	}
	return all
}

// suggestModule returns modules that begin with the string which text ends in, if
// that is the argument of require.
func (s *session) suggestModule(text string, tokens []luatext.Token) (from int, names []string) {
	last := tokens[len(tokens)-1]
	from = last.Start + 1
	if text[last.Start] == '[' {
		return len(text), nil
	}
	before := tokens[:len(tokens)-1]
	for len(before) > 0 {
		t := before[len(before)-1]
		if piece := text[t.Start:t.End]; t.Kind != luatext.Space && piece != "(" {
			if piece != "require" {
				return len(text), nil
			}
			break
		}
		before = before[:len(before)-1]
	}
	if len(before) == 0 {
		return len(text), nil
	}
	prefix := text[from:last.End]
	all := map[string]bool{}
	for _, table := range []string{"loaded", "preload"} {
		if t, ok := s.member(s.named("package"), table).(*lua.LTable); ok {
			for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
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
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return from, names
}

// maxModules is how many names of a directory are looked at.
const maxModules = 10_000

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
	f, err := s.engine.Fs().Open(path.Clean(dir))
	if err != nil {
		return
	}
	defer f.Close()
	entries, _ := f.Readdir(maxModules) // what can't be read offers nothing
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(after, "/") { // ?/init.lua
			if _, err := s.engine.Fs().Stat(path.Join(dir, name) + after); err == nil && entry.IsDir() {
				all[parent+name] = true
			}
			continue
		}
		if module, ok := strings.CutSuffix(name, after); ok && module != "" && !strings.Contains(module, ".") && isFile(s.engine.Fs(), entry, path.Join(dir, name)) {
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
