// Package show writes Lua values for a person to read: as Lua would have them
// written in a program, where it can.
//
// Only what is there is looked at: no metamethod is called but __tostring, and
// that through the caller, who bounds it. What comes out has no control bytes.
package show

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/numeral"
	"luaspawn/luabind/repl/internal/luatext"
)

// What is shown of a value, at most.
const (
	maxDepth  = 4
	maxFields = 100       // of one table
	maxString = 1000      // bytes of one string
	maxBytes  = 20_000    // of all
	maxCount  = 1_000_000 // of the fields that are left out; more aren't counted
)

// A Shower shows values in lines of Width cells.
type Shower struct {
	Width    int
	ToString func(lua.LValue) (string, error) // calls a __tostring; nil: it isn't called
}

// Value returns v as text, of several lines if one is too short.
func (s *Shower) Value(v lua.LValue) string {
	w := &writer{Shower: s, above: map[*lua.LTable]bool{}}
	if text := w.value(v, 0, 0); uniseg.StringWidth(text) <= s.Width && !strings.Contains(text, "\n") {
		return text
	}
	w = &writer{Shower: s, above: map[*lua.LTable]bool{}, lines: true}
	return w.value(v, 0, 0)
}

type writer struct {
	*Shower
	lines   bool                 // tables may take several lines
	above   map[*lua.LTable]bool // those that the value is in
	written int
}

// value returns v, which begins in a column, inside of depth tables.
func (w *writer) value(v lua.LValue, depth, column int) string {
	switch v := v.(type) {
	case lua.LString:
		return w.count(Quote(string(v), maxString))
	case *lua.LTable:
		return w.table(v, depth, column)
	case *lua.LFunction:
		return w.count(function(v))
	case lua.LNumber:
		return w.count(numeral.Format(v))
	case *lua.LUserData:
		if text, ok := w.custom(v, v.Metatable); ok {
			return w.count(text)
		}
	}
	return w.count(Escape(v.String()))
}

func (w *writer) count(s string) string {
	w.written += len(s)
	return s
}

// custom returns what the __tostring of v says; ok: it has one.
func (w *writer) custom(v, metatable lua.LValue) (text string, ok bool) {
	mt, _ := metatable.(*lua.LTable)
	if mt == nil || w.ToString == nil || glua.Named(mt, "__tostring") == lua.LNil {
		return "", false
	}
	text, err := w.ToString(v)
	if err != nil {
		return fmt.Sprintf("<%s: its __tostring failed: %s>", plainName(v), cut(Escape(err.Error()), 200)), true
	}
	return cut(Escape(text), maxString), true
}

// plainName is what tostring makes of v without a metatable: no pointer of Go's is
// more telling.
func plainName(v lua.LValue) string { return fmt.Sprintf("%s: %p", v.Type(), v) }

func function(f *lua.LFunction) string {
	if f.IsG {
		return fmt.Sprintf("function: builtin: %p", f)
	}
	return fmt.Sprintf("function: %p (%s:%d)", f, Escape(f.Proto.SourceName), f.Proto.LineDefined)
}

func (w *writer) table(t *lua.LTable, depth, column int) string {
	text, custom := w.custom(t, t.Metatable)
	if custom && !strings.HasPrefix(text, "<table: ") {
		return w.count(text)
	}
	if custom { // it failed: the fields say more
		text += " "
	}
	if w.above[t] {
		return w.count(text + "<cycle>")
	}
	if k, _ := glua.Next(t, lua.LNil); k == lua.LNil {
		return w.count(text + "{}")
	}
	if depth >= maxDepth {
		return w.count(text + "{...}")
	}
	w.above[t] = true
	defer delete(w.above, t)

	if w.lines { // unless it fits what is left of the line
		once := &writer{Shower: w.Shower, above: w.above}
		if one := once.fields(t, depth); !strings.Contains(one, "\n") && column+uniseg.StringWidth(one) < w.Width {
			return w.count(text + one)
		}
	}
	return text + w.fields(t, depth)
}

// fields returns the fields of t in braces.
func (w *writer) fields(t *lua.LTable, depth int) string {
	var parts []string
	n, left, items := 0, 0, 0
	for k, v := glua.Next(t, lua.LNil); k != lua.LNil; k, v = glua.Next(t, k) {
		if n == maxFields || w.written > maxBytes {
			if left++; left == maxCount {
				break
			}
			continue
		}
		n++
		key := ""
		if i, ok := k.(lua.LNumber); ok && int(i) == items+1 && float64(i) == float64(items+1) {
			items++
		} else {
			key = w.key(k, depth) + " = "
		}
		parts = append(parts, key+w.value(v, depth+1, (depth+1)*indent+uniseg.StringWidth(key)))
	}
	switch {
	case left == maxCount:
		parts = append(parts, fmt.Sprintf("... %d or more", left))
	case left > 0:
		parts = append(parts, fmt.Sprintf("... %d more", left))
	}
	if !w.lines {
		return "{" + strings.Join(parts, ", ") + "}"
	}
	start := "\n" + strings.Repeat(" ", (depth+1)*indent)
	return "{" + start + strings.Join(parts, ","+start) + "\n" + strings.Repeat(" ", depth*indent) + "}"
}

const indent = 2

func (w *writer) key(k lua.LValue, depth int) string {
	if s, ok := k.(lua.LString); ok && luatext.IsName(string(s)) {
		return w.count(cut(string(s), maxString))
	}
	if _, ok := k.(*lua.LTable); ok {
		depth = max(depth, maxDepth-2) // a key is short
	}
	once := &writer{Shower: w.Shower, above: w.above}
	return w.count("[" + once.value(k, depth+1, 0) + "]")
}

// Quote returns s as Lua has strings written, cut to max bytes with a note of its
// length.
func Quote(s string, max int) string {
	note := ""
	if len(s) > max {
		note = fmt.Sprintf("... (%d bytes)", len(s))
		s = cutBytes(s, max)
	}
	return `"` + escape(s, true) + `"` + note
}

// Escape returns s with its control bytes, what can't be seen, and what isn't UTF-8,
// as \ddd. Newlines and tabs become \n and \t. Characters that join others to one
// picture stay.
func Escape(s string) string { return escape(s, false) }

func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	return fmt.Sprintf("%s... (%d bytes)", cutBytes(s, max), len(s))
}

// cutBytes cuts s before the character that holds byte max.
func cutBytes(s string, max int) string {
	for i := max; i > max-utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			return s[:i]
		}
	}
	return s[:max]
}

func escape(s string, quoted bool) string {
	var b strings.Builder
	end := 0 // of the character, as people see it, that i is in
	state := -1
	cluster := ""
	for i := 0; i < len(s); {
		if i == end {
			cluster, _, _, state = uniseg.FirstGraphemeClusterInString(s[i:], state)
			end += len(cluster)
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		piece := s[i : i+n]
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case quoted && (r == '"' || r == '\\'):
			b.WriteString(`\` + piece)
		case joins(r, cluster, i+n == end):
			b.WriteString(piece)
		case r == utf8.RuneError && n == 1 || !unicode.IsGraphic(r):
			for j := range n {
				format := `\%d`
				if i+j+1 < len(s) && '0' <= s[i+j+1] && s[i+j+1] <= '9' {
					format = `\%03d`
				}
				fmt.Fprintf(&b, format, piece[j])
			}
		default:
			b.WriteString(piece)
		}
		i += n
	}
	return b.String()
}

// joins says whether r, which nobody sees by itself, makes one picture of others in
// its cluster: a joiner between two, or the tags behind a black flag, which name a
// region.
func joins(r rune, cluster string, last bool) bool {
	const joiner, flag, firstTag, lastTag = '\u200d', '\U0001f3f4', '\U000e0020', '\U000e007f'
	first, n := utf8.DecodeRuneInString(cluster)
	switch {
	case r == joiner:
		return !last && n < len(cluster) && unicode.IsGraphic(first)
	case firstTag <= r && r <= lastTag:
		return first == flag && strings.HasSuffix(cluster, string(lastTag))
	}
	return false
}
