package strlib

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
	"luaspawn/luabind/internal/vm"
)

// gsub is string.gsub(s, pattern, replacement [, most]).
func (lib *library) gsub(L *lua.LState) int {
	s, pattern := arg.String(L, 1), arg.String(L, 2)
	most := int(int32(arg.OptInt(L, 4, int64(len(s))+1)))
	r := replacer{m: &lib.matcher, value: L.Get(3)}
	switch v := r.value.(type) {
	case lua.LString:
		r.text = string(v)
	case lua.LNumber:
		r.text = numeral.Format(v)
	case *lua.LTable, *lua.LFunction:
	default:
		arg.Error(L, 3, "string/function/table expected")
	}
	p := lib.programs.get(pattern, true)
	r.verbatim = strings.IndexByte(r.text, '%') < 0
	r.m.prepare(L, p, s)
	count, from := 0, 0
	for count < most {
		start, end := r.m.search(from)
		if start < 0 {
			break
		}
		count++
		r.replace(L, start, end)
		from = end
		if start == end {
			from++ // an empty match: the next character stays
		}
		if p.anchored || from > len(s) {
			break
		}
		// What was called may have used the matcher.
		r.m.prepare(L, p, s)
	}
	r.m.release()
	L.Push(lua.LString(r.finish(L, s)))
	L.Push(lua.LNumber(count))
	return 2
}

// replacer builds the result of gsub.
type replacer struct {
	m        *matcher
	value    lua.LValue // a string, number, table or function
	text     string     // value, where it is a string or number
	verbatim bool       // text has no '%'

	out  strings.Builder
	done int // so much of the subject is in out, or was replaced
}

// replace replaces the match from start to end.
func (r *replacer) replace(L *lua.LState, start, end int) {
	var by lua.LValue
	subject := r.m.subject
	switch v := r.value.(type) {
	case *lua.LTable:
		by = vm.GetTable(L, v, r.m.capture(0, start, end))
	case *lua.LFunction:
		L.Push(v)
		glua.Call(L, r.m.push(start, end), 1)
		by = L.Get(-1)
		L.Pop(1)
	default:
		r.write(L, subject[r.done:start])
		if r.verbatim {
			r.write(L, r.text)
		} else {
			r.expand(L, start, end)
		}
		r.done = end
		return
	}
	var text string
	switch by := by.(type) {
	case lua.LString:
		text = string(by)
	case lua.LNumber:
		text = numeral.Format(by)
	default:
		if lua.LVAsBool(by) {
			arg.Raise(L, "invalid replacement value (a %s)", by.Type())
		}
		return // the match stays
	}
	r.write(L, subject[r.done:start])
	r.write(L, text)
	r.done = end
}

// expand writes text with its captures: %0 is the whole match, %1 to %9 are
// captures, % before another character is that character. A % at the end
// becomes a zero byte, as in PUC Lua.
func (r *replacer) expand(L *lua.LState, start, end int) {
	text := r.text
	for {
		i := strings.IndexByte(text, '%')
		if i < 0 {
			r.write(L, text)
			return
		}
		r.write(L, text[:i])
		if i+1 == len(text) {
			r.write(L, "\x00")
			return
		}
		switch c := text[i+1]; {
		case c == '0':
			r.write(L, r.m.subject[start:end])
		case isDigit(c):
			switch v := r.m.capture(int(c)-'1', start, end).(type) {
			case lua.LString:
				r.write(L, string(v))
			case lua.LNumber:
				r.write(L, numeral.Format(v))
			}
		default:
			r.write(L, text[i+1:i+2])
		}
		text = text[i+2:]
	}
}

func (r *replacer) write(L *lua.LState, text string) {
	if r.out.Len()+len(text) > maxString {
		tooLarge(L)
	}
	r.out.Grow(len(text)) // doubles; what WriteString does for large ones leaves more garbage
	r.out.WriteString(text)
}

// finish returns the result.
func (r *replacer) finish(L *lua.LState, subject string) string {
	if r.done == 0 && r.out.Len() == 0 {
		return subject
	}
	r.write(L, subject[r.done:])
	return r.out.String()
}
