package edit

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"luaspawn/luabind/repl/internal/luatext"
	"luaspawn/luabind/repl/internal/vt"
)

// typed is a Source of keys; at their end it calls a function and fails.
type typed struct {
	keys  string
	atEnd func()
}

var errEnd = errors.New("no more keys")

func (s *typed) ReadByte() (byte, error) {
	if s.keys == "" {
		if s.atEnd != nil {
			s.atEnd()
		}
		return 0, errEnd
	}
	c := s.keys[0]
	s.keys = s.keys[1:]
	return c, nil
}

func (s *typed) Pending() bool { return false }

type list []string

func (l list) Len() int        { return len(l) }
func (l list) At(i int) string { return l[i] }

func (l list) Newest(prefix string, i int) int {
	for i >= 0 && !strings.HasPrefix(l[i], prefix) {
		i--
	}
	return i
}

// unfinished says that a text goes on while it has an open parenthesis.
func unfinished(text string) bool { return strings.Count(text, "(") > strings.Count(text, ")") }

func newEditor(keys Source, screen *vt.Screen, width, height int) *Editor {
	return &Editor{
		Keys: keys, Out: screen, Size: func() (int, int) { return width, height }, Prompt: "> ", More: ">> ",
		Complete: func(text string) bool { return !unfinished(text) },
	}
}

const (
	up, down, left, right = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[C"
	home, end, del        = "\x1b[H", "\x1bOF", "\x1b[3~"
)

func TestKeys(t *testing.T) {
	for _, test := range []struct{ name, keys, want string }{
		{"plain", "abc\r", "abc"},
		{"newline where it is wanted", "f(\r1)\r", "f(\n1)"},
		{"alt-enter", "a\x1b\rb\r", "a\nb"},
		{"line feed", "ab\n", "ab"},
		{"backspace", "abc\x7f\x08d\r", "ad"},
		{"left, right", "ac" + left + "b" + right + "d\r", "abcd"},
		{"home, end", "b" + home + "a" + end + "c\r", "abc"},
		{"delete", "xab" + home + del + "\r", "ab"},
		{"C-d", "xab\x01\x04\r", "ab"},
		{"kill and yank", "one two\x17\x19\x19\r", "one twotwo"},
		{"kill the rest", "abcd" + left + left + "\x0b\x01\x19\r", "cdab"},
		{"kill the begin", "abcd" + left + "\x15\r", "d"},
		{"kill words", "foo.bar baz\x1b\x7f\x1bb\x1bd\x05\r", "foo. "},
		{"words", "ab cd\x1bb\x1bbX\x1bfY\r", "XabY cd"},
		{"ctrl and arrows", "ab cd\x1b[1;5DX\x1b[1;5CY\r", "ab XcdY"},
		{"transpose", "ba\x14c" + left + "\x14\r", "acb"},
		{"undo", "ab cd\x1f\x1fx\r", "abx"},
		{"undo a paste", "a\x1b[200~bcd\x1b[201~\x1f\r", "a"},
		{"wide characters", "中文字" + left + left + "\x7f国\r", "国文字"},
		{"one of several runes", "e\u0301\u0301x" + left + "\x7f\r", "x"},
		{"a family", "👨‍👩‍👧!" + left + "\x7f\r", "!"},
		{"not UTF-8", "a\xffb" + left + "\x7f\r", "ab"},
		{"half a character, and Enter", "a\xe4\r", "a\xe4"},
		{"two thirds of one, and a key", "a\xe4\xb8" + left + left + "b\r", "ab\xe4\xb8"},
		{"a character with Alt", "a\x1béb\r", "ab"},
		{"up and down", "f(\rlonger\rx" + up + "Y" + down + "Z)\r", "f(\nlYonger\nxZ)"},
		{"columns", "f(中文\rabc" + up + "X" + end + ")\r", "f(中X文)\nabc"},
		{"paste", "\x1b[200~a\r\nb\tc\rd\x1b[201~\r", "a\nb\tc\nd"},
		{"indent", "f(\r\tx)\r", "f(\n  x)"},
		{"reports are ignored", "a\x1b[12;40Rb\x1b[?1;2cc\x1bOPd\r", "abcd"},
		{"an endless sequence", "\x1b[" + strings.Repeat("1;", 40) + "\x15a\r", "a"},
		{"history", up + up + "!\r", "two!"},
		{"history and back", "new" + up + up + down + down + "!\r", "new!"},
		{"an entry of several lines", up + up + up + left + "X\r", "one(\nX)"},
		{"first and last", "\x1b<\x1b>x\r", "x"},
		{"upper, lower, capital", "foo BAR bAZ x\x01\x1bu\x1bl\x1bc!\r", "FOO bar Baz! x"},
		{"upper, of what is no letter", "a \xff é1 b\x01\x1bf\x1bu!\r", "a \xff É1! b"},
		{"upper, backwards", "one two\x1b-\x1bu!\r", "one TWO!"},
		{"words swapped", "one.two \x1bt!\r", "two.one! "},
		{"words swapped, in the middle", "one, two, three" + home + "\x1bf\x1bf\x1bb\x1bt!\r", "two, one!, three"},
		{"words swapped, one only", "one\x1bt!\r", "one!"},
		{"kills merge", "one two three\x1b\x7f\x1b\x7fx\x19\r", "one xtwo three"},
		{"kills merge, both ways", "one two three" + home + "\x1bf\x1bd\x17x\x19\r", "x" + "one two three"},
		{"kills apart", "one two\x17\x02\x06\x17\x19\x1by\r", "two"},
		{"paste what was before, and again", "a b c\x17 \x17d\x17\x19\x1by\x1by\r", "a c"},
		{"paste what was before, after another key", "a b\x17\x7f\x17\x19x\x1by\r", "ax"},
		{"five times", "\x1b5x\r", "xxxxx"},
		{"twelve times", "\x1b1\x1b2x\r", "xxxxxxxxxxxx"},
		{"twelve times, a plain digit", "\x1b12x\r", "xxxxxxxxxxxx"},
		{"three back", "abcdef\x1b3\x02!\r", "abc!def"},
		{"three back, the other way round", "abcdef\x1b-\x1b3\x06!\r", "abc!def"},
		{"three away, undone as one", "abcdef\x1b3\x7f\x1f\r", "abcdef"},
		{"two words cut, pasted", "a b c d\x1b2\x17\x01\x19\r", "c da b "},
		{"an argument and a paste", "\x1b3\x1b[200~ab\x1b[201~\r", "ab"},
		{"two up", "\x1b2" + up + "!\r", "two!"},
		{"last operand", "f(\x1b.)\r", "f(three)"},
		{"last operand of the one before", "f(\x1b.\x1b.)\r", "f(two)"},
		{"last operand, no more", "f(\x1b.\x1b.\x1b.\x1b.\x1b.)\r", "f(one)"},
		{"operand by its number", "f(\x1b0\x1b.)\r", "f(three)"},
		{"no operand of that number", "f(\x1b5\x1b.)\r", "f()"},
		{"search", "\x12w\r", "two"},
		{"search on", "\x12o\x12\r", "one(\n)"},
		{"search on and back", "\x12o\x12\x13\r", "two"},
		{"search and edit", "\x12wo\x05!\r", "two!"},
		{"search given up", "abc\x12tw\x07d\r", "abcd"},
		{"search for nothing", "abc\x12zzz\rd", "abc"},
		{"search shortened", "\x12twx\x7f\r", "two"},
		{"completion", "pri\t(1)\r", "print(1)"},
		{"completion, in common", "ta\tx\r", "tablex"},
		{"completion, half a character in common", "d\tx\r", "dax"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEditor(&typed{keys: test.keys}, vt.New(40, 10), 40, 10)
			e.History = list{"one(\n)", "", "two", "three"}
			e.Suggest = func(text string, at int) (int, []string) {
				switch text[:at] {
				case "pri":
					return 0, []string{"print"}
				case "ta":
					return 0, []string{"tableA", "tableB"}
				case "d":
					return 0, []string{"daé", "daè", "daê2"}
				}
				return at, nil
			}
			got, err := e.Read()
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// Lines that go on are indented, and those that close something stand where it was opened.
func TestIndent(t *testing.T) {
	for _, test := range []struct{ name, keys, want string }{
		{"inside", "f(\ra)\r", "f(\n  a)"},
		{"deeper, and back", "f(function()\rif x then\ry()\relse\rz()\rend\rend\r)\r", "f(function()\n  if x then\n    y()\n  else\n    z()\n  end\nend\n)"},
		{"a name that begins like a keyword", "(do\rend\rendpoint(1))\r", "(do\nend\n  endpoint(1))"},
		{"by hand", "(do\r  x\ry)\r", "(do\n    x\n    y)"},
		{"not by hand any more", "(do\r\x7fend)\r", "(do\nend)"},
		{"what was moved by hand stays", "(do\r\x7f  end)\r", "(do\n  end)"},
		{"a line without anything", "(\r\ra)\r", "(\n\n  a)"},
		{"a table", "f{(\r),\x1b\rx = 1\x1b\r}\r", "f{(\n),\n  x = 1\n}"},
		{"inside of a string", "('a\\\rb'\x1b\r)\r", "('a\\\nb'\n)"},
		{"a bracket behind the cursor", "f(" + ")" + left + "\x1b\r\r", "f(\n)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEditor(&typed{keys: test.keys}, vt.New(40, 10), 40, 10)
			e.Indent = true
			if got, err := e.Read(); err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

// The rest of the newest entry that begins with the text is behind it, until a key takes it.
func TestHints(t *testing.T) {
	for _, test := range []struct{ name, keys, shown, want string }{
		{"taken", "pr" + right, "> print(2 + 2)", "print(2 + 2)"},
		{"shown", "pr", "> print(2 + 2)", "pr"},
		{"the newest", "print(", "> print(2 + 2)", "print("},
		{"an older one", "print(1", "> print(1)", "print(1"},
		{"by word", "pr\x1bf\x1bf", "> print(2 + 2)", "print(2"},
		{"C-e, C-f", "pr\x05\x7f\x06", "> print(2 + 2)", "print(2 + 2)"},
		{"no such entry", "x", "> x", "x"},
		{"shorter again", "print(1\x7f", "> print(2 + 2)", "print("},
		{"not at the end", "pr" + left, "> pr", "pr"},
		{"a line of several", "fun" + right, "> function f()", "function f()"},
		{"the next line", "fun" + right + "\x1b\r", "> function f()\n>>   return 1", "function f()\n  "},
		{"and taken", "fun" + right + "\x1b\r" + right, "> function f()\n>>   return 1", "function f()\n  return 1"},
		{"nothing typed", "", ">", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			screen := vt.New(40, 10)
			source := &typed{keys: test.keys}
			e := newEditor(source, screen, 40, 10)
			e.Hints, e.Indent = true, true
			e.History = list{"function f()\n  return 1\nend", "print(1)", "", "print(2 + 2)"}
			source.atEnd = func() {
				if got := strings.TrimSpace(screen.String()); got != test.shown || e.buffer.text != test.want {
					t.Errorf("got %q, the screen is %q; want %q, %q", e.buffer.text, got, test.want, test.shown)
				}
			}
			e.Read()
			if got := strings.TrimSpace(screen.String()); strings.TrimRight(got, "> \n") != strings.TrimRight("> "+strings.ReplaceAll(test.want, "\n", "\n>> "), "> \n") {
				t.Errorf("what is left behind is %q", got)
			}
		})
	}
}

func TestEnds(t *testing.T) {
	for keys, want := range map[string]error{"\x04": io.EOF, "abc\x03": ErrInterrupted, "a\x04\x7f\x04": io.EOF, "abc": errEnd, "\x1b[200~abc": errEnd, "\x1b": errEnd, "\xe4": errEnd,
		"a\x1b\x03": ErrInterrupted, "a\x1bO\x03": ErrInterrupted, "a\x1b[1\x03": ErrInterrupted, "a\xe4\x03": ErrInterrupted} {
		if _, err := newEditor(&typed{keys: keys}, vt.New(40, 10), 40, 10).Read(); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", keys, err, want)
		}
	}
}

// shown types keys and returns the lines of the screen then, as far as they are
// not empty, and where the cursor is.
func shown(t *testing.T, width, height int, keys string, change func(*Editor, *vt.Screen)) (lines []string, row, column int) {
	t.Helper()
	screen := vt.New(width, height)
	source := &typed{keys: keys}
	e := newEditor(source, screen, width, height)
	e.History = list{"abc"}
	e.Suggest = func(_ string, at int) (int, []string) { return at, []string{"aa", "bbb", "cccc"} }
	source.atEnd = func() {
		if change != nil {
			change(e, screen)
		}
		lines = screen.Lines()
		for len(lines) > 0 && lines[len(lines)-1] == "" {
			lines = lines[:len(lines)-1]
		}
		row, column = screen.Cursor()
	}
	e.Read()
	if len(screen.Unknown) > 0 {
		t.Errorf("unknown sequences: %v", screen.Unknown)
	}
	return lines, row, column
}

func TestScreen(t *testing.T) {
	numbers := "f("
	for i := range 30 {
		numbers += fmt.Sprintf("\x1b\r%d", i)
	}
	for _, test := range []struct {
		name          string
		width, height int
		keys          string
		change        func(*Editor, *vt.Screen)
		want          []string
		row, column   int
	}{
		{"one line", 20, 5, "abc" + left, nil, []string{"> abc"}, 0, 4},
		{"a full row", 10, 5, "12345678", nil, []string{"> 12345678"}, 1, 0},
		{"a full row, the cursor elsewhere", 10, 5, "12345678" + home, nil, []string{"> 12345678"}, 0, 2},
		{"wrapped", 10, 5, "123456789\x01", nil, []string{"> 12345678", "9"}, 0, 2},
		{"wide at the edge", 10, 5, "1234567中", nil, []string{"> 1234567", "中"}, 1, 2},
		{"two lines", 20, 5, "f(\rx", nil, []string{"> f(", ">> x"}, 1, 4},
		{"control bytes", 30, 5, "\x1b[200~a\x1b[2J\x00b\xff\u202e\x1b[201~", nil, []string{`> a^[[2J^@b\255<e280ae>`}, 0, 23},
		{"more rows than the screen", 20, 5, numbers, nil, []string{">> 25", ">> 26", ">> 27", ">> 28", ">> 29"}, 4, 5},
		{"and up", 20, 5, numbers + strings.Repeat(up, 6), nil, []string{">> 23", ">> 24", ">> 25", ">> 26", ">> 27"}, 0, 5},
		{"text above", 20, 5, "f(\rabc" + up, func(e *Editor, _ *vt.Screen) { io.WriteString(e, "one\ntwo\n") }, []string{"one", "two", "> f(", ">> abc"}, 2, 4},
		{"text above, without a newline", 20, 5, "abc", func(e *Editor, _ *vt.Screen) { io.WriteString(e, "one") }, []string{"one", "> abc"}, 1, 5},
		{"text above more rows than the screen", 20, 5, numbers, func(e *Editor, _ *vt.Screen) { io.WriteString(e, "one\n") }, []string{">> 25", ">> 26", ">> 27", ">> 28", ">> 29"}, 4, 5},
		{"suggestions", 20, 6, "x.\t", func(e *Editor, _ *vt.Screen) {}, []string{"aa    bbb   cccc", "> x."}, 1, 4},
		{"search", 30, 5, "\x12b", nil, []string{"(search) `b': abc"}, 0, 15},
		{"argument", 30, 5, "x\x1b-\x1b12", nil, []string{"(arg: -12) > x"}, 0, 14},
		{"search without a match", 30, 5, "\x12bx", nil, []string{"(no match) `bx': abc"}, 0, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			change := test.change
			lines, row, column := shown(t, test.width, test.height, test.keys, func(e *Editor, s *vt.Screen) {
				if change != nil {
					change(e, s)
				}
			})
			if !slices.Equal(lines, test.want) || row != test.row || column != test.column {
				t.Errorf("got %q, cursor %d %d, want %q, cursor %d %d", lines, row, column, test.want, test.row, test.column)
			}
		})
	}
}

// What is drawn is what a terminal would make of the text itself, however it was
// typed.
func TestDrawsAsTerminalsDo(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	keys := []string{"a", "b", " ", "中", "é", "👍", "\x1b\r", left, right, up, down, home, end, "\x7f", del, "\x0b", "\x19", "\x1bb", "\x1f", "xyzw", "\x1bt", "\x1bu", "\x1b2", "\x1b\x7f", "\x1by"}
	for range 300 {
		width := 8 + random.IntN(20)
		typedKeys := ""
		for range random.IntN(60) {
			typedKeys += keys[random.IntN(len(keys))]
		}
		typedKeys += left // which takes an argument
		var b buffer
		lines, row, column := shown(t, width, 60, typedKeys, func(e *Editor, _ *vt.Screen) { b = e.buffer })
		more := strings.NewReplacer("\n", "\r\n>> ")
		whole, before := vt.New(width, 60), vt.New(width, 60)
		io.WriteString(whole, "> "+more.Replace(b.text))
		// A character behind the cursor shows where the terminal would put one.
		io.WriteString(before, "> "+more.Replace(b.text[:b.at]))
		next := "x"
		if b.at < len(b.text) && b.text[b.at] != '\n' {
			next = b.text[b.at:b.next(b.at)]
		}
		io.WriteString(before, next)
		wantRow, wantColumn := before.Cursor()
		want := strings.TrimRight(whole.String(), "\n")
		if got := strings.Join(lines, "\n"); got != want {
			t.Fatalf("%q in %d columns: got\n%s\nwant\n%s", typedKeys, width, got, want)
		}
		if row != wantRow && !(wide(next) && row == wantRow-1) || row == wantRow && column > wantColumn {
			t.Fatalf("%q in %d columns: the cursor is at %d %d, a terminal's behind the next character at %d %d", typedKeys, width, row, column, wantRow, wantColumn)
		}
	}
}

func wide(s string) bool { return len(s) > 2 }

func TestColumns(t *testing.T) {
	names := strings.Fields("a bb ccc 中文 e f g")
	if got, want := columns(names, 12, 10), "a     e\nbb    f\nccc   g\n中文\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := columns(names, 12, 2); got != "a     bb\n... and 5 more\n" {
		t.Errorf("got\n%s", got)
	}
}

// A tiring Source ends when its keys have given the editor much to do: a few that cut and paste double a text again and again, and
// Alt-9999 does a thing 9999 times.
type tiring struct {
	typed
	editor *Editor
	screen int // how many cells it has
	left   int // work, some hundred nanoseconds each
}

func (s *tiring) ReadByte() (byte, error) {
	s.left -= s.screen/32 + (2+s.editor.count.n)*len(s.editor.buffer.text)
	if s.left < 0 {
		return 0, errEnd
	}
	return s.typed.ReadByte()
}

// However it is used, it neither fails nor writes what terminals don't know.
func FuzzEditor(f *testing.F) {
	f.Add("a b c\x17\x17\x19\x1by\x1b-\x1b9\x17\x1by\x1bt\x1b3\x1bu\x1b.\x1b.", uint8(10), uint8(3))
	f.Add("f(\r中\x1b[200~x\ry\x1b[201~\x12a\x12\x07\x1f)\r", uint8(10), uint8(3))
	f.Fuzz(func(t *testing.T, keys string, w, h uint8) {
		width, height := max(int(w), 4), max(int(h), 1)
		screen := vt.New(width, height)
		source := &tiring{typed: typed{keys: keys}, screen: width * height, left: 200_000}
		e := newEditor(source, screen, width, height)
		source.editor = e
		e.History = list{"one(\n)", "", "two"}
		e.Highlight, e.Indent, e.Hints = luatext.Highlight, true, true
		e.Read()
		if len(screen.Unknown) > 0 {
			t.Errorf("unknown sequences: %v", screen.Unknown)
		}
		if text := e.buffer.text; e.buffer.at > len(text) {
			t.Errorf("the cursor is at %d of %q", e.buffer.at, text)
		}
	})
}

// A text that a few keys would make endless stays as it is, and what can be undone is bounded; what a key does many times it
// does in a moment.
func TestLimits(t *testing.T) {
	var b buffer
	b.insert(strings.Repeat("x", maxText/2+1))
	for _, key := range []string{"C-u", "C-y", "C-y", "C-y", "M-y"} {
		b.previous, b.last = b.last, other
		b.edit(key, 1)
	}
	if len(b.text) != maxText/2+1 {
		t.Errorf("got %d bytes, want %d", len(b.text), maxText/2+1)
	}
	b.reset("")
	for range 2 * maxUndos {
		b.insert("a ")
		b.forget()
	}
	if len(b.undos) != maxUndos {
		t.Errorf("%d states are kept, want %d", len(b.undos), maxUndos)
	}
	for range 10 {
		b.insert(strings.Repeat("x", maxText/2))
		b.cut(0, len(b.text))
		b.forget()
	}
	if n := len(b.undos); n < 4 || n > 20 {
		t.Errorf("%d states of long texts are kept", n)
	}
}

// Any number of Escapes is one: whoever sends them from elsewhere fills no stack.
func TestEscapes(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(1 << 20))
	keys := "ab" + strings.Repeat("\x1b", 1<<20) + "bx\r" // the last one with b is a word back
	if got, err := newEditor(&typed{keys: keys}, vt.New(40, 10), 40, 10).Read(); got != "xab" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// However a character before the cursor is looked for, it is the one that is found from the begin of the line.
func TestBefore(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"a", "~", " ", "\t", "\x7f", "é", "\u0301", "中", "문", "\u1100", "👍", "👨\u200d👩", "🇩", "\u0600", "क", "\u094d", "\xff", "©", "\n", "\r", "\r\n", "\u200d", "ɐ", "\ufe0f"}
	for range 5_000 {
		var b buffer
		for range random.IntN(12) {
			b.text += pieces[random.IntN(len(pieces))]
		}
		for i := range len(b.text) + 1 {
			want := b.lineStart(i)
			for want < i && b.next(want) < i {
				want = b.next(want)
			}
			if i > 0 && b.lineStart(i) == i {
				want = i - 1
			}
			if got := b.before(i); got != want {
				t.Fatalf("%q: before %d is %d, want %d", b.text, i, got, want)
			}
		}
	}
}

// BenchmarkKey types a character into a text of 100 lines.
func BenchmarkKey(b *testing.B) {
	screen := io.Discard
	e := &Editor{Out: screen, Size: func() (int, int) { return 80, 24 }, Prompt: "> ", More: ">> ", Highlight: luatext.Highlight}
	e.once.Do(e.open)
	e.buffer.reset(strings.Repeat("local x = 'some text' -- and more\n", 100))
	for b.Loop() {
		e.press(key{text: "x"})
		e.draw()
		e.press(key{name: "backspace"})
	}
}

// What others write between the beginning of an edit and its first drawing, and
// without a newline, leaves the text where it belongs, and no line open behind it.
func TestWriteBeforeDrawing(t *testing.T) {
	terminal := vt.New(20, 5)
	s := screen{out: terminal, size: func() (int, int) { return 20, 5 }}
	s.begin()
	io.WriteString(&s, "one")
	s.draw(lay("> ", "", "x", 1, 20, nil))
	io.WriteString(&s, "two")
	s.draw(lay("> ", "", "xy", 2, 20, nil))
	if got, want := terminal.String(), "one\ntwo\n> xy"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s.finish(lay("> ", "", "xy", 2, 20, nil))
	if s.midLine {
		t.Error("the line is still open")
	}
	if io.WriteString(&s, "three"); !s.midLine {
		t.Error("what was written behind the text has left no line open")
	}
}
