package draw

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// JSON and HTML are written by hand here: the packages encoding/json and html prepare
// themselves at the start of each process that has them linked in, and hardly one draws.

// A jsonText is JSON that is being written. Commas come by themselves.
type jsonText []byte

// open begins an object or an array, and shut ends it.
func (t *jsonText) open(bracket byte) {
	t.next()
	*t = append(*t, bracket)
}
func (t *jsonText) shut(bracket byte) { *t = append(*t, bracket) }

// next separates a value from that before it.
func (t *jsonText) next() {
	if n := len(*t); n > 0 {
		switch (*t)[n-1] {
		case '{', '[', ':', '\n':
		default:
			*t = append(*t, ',')
		}
	}
}

// line puts the next value on a line of its own.
func (t *jsonText) line() {
	t.next()
	*t = append(*t, '\n')
}

// key begins a member of an object, whose value is written next.
func (t *jsonText) key(name string) {
	t.string(name)
	*t = append(*t, ':')
}

func (t *jsonText) string(s string) {
	t.next()
	const hex = "0123456789abcdef"
	b := append(*t, '"')
	for _, r := range s { // what is no UTF-8 becomes U+FFFD
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	*t = append(b, '"')
}

func (t *jsonText) int(n int) {
	t.next()
	*t = strconv.AppendInt(*t, int64(n), 10)
}

func (t *jsonText) float(v float64) {
	t.next()
	*t = strconv.AppendFloat(*t, v, 'f', -1, 64)
}

// member writes a member of an object: a string, a number or a bool.
func (t *jsonText) member(name string, value any) {
	t.key(name)
	switch v := value.(type) {
	case string:
		t.string(v)
	case int:
		t.int(v)
	case uint64:
		t.next()
		*t = strconv.AppendUint(*t, v, 10)
	case float64:
		t.float(v)
	case bool:
		t.next()
		*t = strconv.AppendBool(*t, v)
	default:
		panic("draw: no such value in JSON")
	}
}

// array writes an array of values, each by write.
func array[T any](t *jsonText, list []T, write func(T)) {
	t.open('[')
	for _, v := range list {
		write(v)
	}
	t.shut(']')
}

// escape is s as it stands in a text or an attribute of HTML and XML, which has no control
// characters.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&#34;")
		case r == '\'':
			b.WriteString("&#39;")
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff:
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
