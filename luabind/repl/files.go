package repl

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"luaspawn/luabind/repl/internal/luatext"
)

// suggestFile returns the files whose names begin with the string that text ends in,
// in the file system of the engine; directories end in a slash. Names that a string
// would have to quote, and those of which the string can't be read as it
// stands, are left out.
func (s *session) suggestFile(text string, last luatext.Token) (from int, names []string) {
	prefix := text[last.Start+1 : last.End]
	if text[last.Start] == '[' || strings.Contains(prefix, `\`) {
		return len(text), nil
	}
	return s.filesOf(prefix, len(text), text[last.Start:last.Start+1])
}

// filesOf returns those files whose names begin with prefix, which ends at at, but for
// names with a character of quotes in them.
func (s *session) filesOf(prefix string, at int, quotes string) (from int, names []string) {
	dir, base := path.Split(prefix)
	from = at - len(base)
	open := dir
	if open == "" {
		open = "."
	}
	fsys := s.engine.Fs()
	f, err := fsys.Open(s.engine.Path(open))
	if err != nil {
		return from, nil
	}
	defer f.Close()
	entries, _ := f.Readdir(maxNames) // what can't be read offers nothing
	for _, entry := range entries {
		name := entry.Name()
		hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".")
		if !strings.HasPrefix(name, base) || hidden || !asItIs(name, quotes) {
			continue
		}
		isDir := entry.IsDir()
		if entry.Mode()&fs.ModeSymlink != 0 {
			info, err := fsys.Stat(s.engine.Path(path.Join(open, name)))
			isDir = err == nil && info.IsDir()
		}
		if isDir {
			name += "/"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return from, names
}

// asItIs says whether a name can stand as it is between two of quotes, and on the screen.
func asItIs(name, quotes string) bool {
	return !strings.ContainsAny(name, quotes+`\`) && !strings.ContainsFunc(name, unicode.IsControl)
}
