package show_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"unicode"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/repl/internal/show"
)

func value(t testing.TB, source string) (*luabind.Engine, lua.LValue) {
	t.Helper()
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	f, err := e.Load("test", source)
	if err != nil {
		t.Fatal(err)
	}
	values, err := e.Do(context.Background(), f, 1)
	if err != nil {
		t.Fatal(err)
	}
	return e, values[0]
}

var pointer = regexp.MustCompile(`0x[0-9a-f]+`)

func TestValue(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{`return nil`, `nil`},
		{`return 0.1`, `0.1`},
		{`return {1e15, 1e14, 2^53, -1/0, 1/0, 1e100, [0.5] = -0.1}`, `{1e+15, 1e+14, 9.007199254741e+15, -inf, inf, 1e+100, [0.5] = -0.1}`},
		{`return 0/0`, `-nan`},
		{`return -(0/0)`, `nan`},
		{"return '👨\u200d👩\u200d👧 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ❤️ é'", "\"👨\u200d👩\u200d👧 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ❤️ é\""},
		{"return 'a\u200db 👨\u200d \u200d👩 x\U000e0067\U000e007f'", "\"a\\226\\128\\141b 👨\\226\\128\\141 \\226\\128\\141👩 x\\243\\160\\129\\167\\243\\160\\129\\191\""},
		{`return {('中'):rep(20), ('文'):rep(20)}`, "{\n  \"" + strings.Repeat("中", 20) + "\",\n  \"" + strings.Repeat("文", 20) + "\"\n}"},
		{`return 'a"b\\c'`, `"a\"b\\c"`},
		{`return 'a\nb\tc\27[31m\0001'`, `"a\nb\tc\27[31m\0001"`},
		{`return '中文 é'`, `"中文 é"`},
		{`return '\255\254x'`, `"\255\254x"`},
		{"return '\u202e\u009b'", `"\226\128\174\194\155"`},
		{`return {}`, `{}`},
		{`return {1, 2, x = {y = true}, ['a b'] = 1, [true] = 0, ['end'] = 2}`, `{1, 2, ["a b"] = 1, x = {y = true}, [true] = 0, ["end"] = 2}`},
		{`return {1, nil, 3}`, `{1, [3] = 3}`},
		{`local t = {} t.t = t t.u = {t} return t`, `{u = {<cycle>}, t = <cycle>}`},
		{`local s = {} return {s, s}`, `{{}, {}}`},
		{`return {{{{{{}}}}}}`, `{{{{{...}}}}}`},
		{`return {{{{{}}}}}`, `{{{{{}}}}}`},
		{`return {[{1}] = 1}`, `{[{1}] = 1}`},
		{`return print`, `function: builtin: PTR`},
		{"return\n function() end", `function: PTR (test:2)`},
		{`return string.rep('x', 1001)`, `"` + strings.Repeat("x", 1000) + `"... (1001 bytes)`},
		{`return string.rep('中', 400)`, `"` + strings.Repeat("中", 333) + `"... (1200 bytes)`},
		{`return setmetatable({1}, {__tostring = function() return 'me\27' end})`, `me\27`},
		{`return setmetatable({1}, {__tostring = function() error('no', 0) end})`, `<table: PTR: its __tostring failed: no> {1}`},
		{`return setmetatable({1}, {__index = error, __len = error})`, `{1}`},
		{`return {{1, 2}, name = 'a long one, so that it does not fit', other = 'into one line of eighty'}`,
			"{\n  {1, 2},\n  name = \"a long one, so that it does not fit\",\n  other = \"into one line of eighty\"\n}"},
	} {
		e, v := value(t, test.source)
		s := show.Shower{Width: 80, ToString: func(v lua.LValue) (string, error) {
			values, err := e.Do(context.Background(), e.State().GetGlobal("tostring"), 1, v)
			if err != nil {
				return "", err
			}
			return values[0].String(), nil
		}}
		if got := pointer.ReplaceAllString(s.Value(v), "PTR"); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.source, got, test.want)
		}
	}
}

// However large a value is, what is shown of it is small.
func TestLimits(t *testing.T) {
	for _, test := range []struct{ source, part string }{
		{`local t = {} for i = 1, 1e5 do t[i] = i end return t`, "... 99900 more"},
		{`local t = {} for i = 1, 100 do t[i] = {} for j = 1, 100 do t[i][j] = {j, ('x'):rep(90)} end end return t`, "more"},
		{`local t = {} for i = 1, 1e5 do t = {t} end return t`, "{...}"},
	} {
		_, v := value(t, test.source)
		text := (&show.Shower{Width: 80}).Value(v)
		if len(text) > 100_000 || !strings.Contains(text, test.part) {
			t.Errorf("%s: %d bytes, want %q in them", test.source, len(text), test.part)
		}
	}
}

func FuzzQuote(f *testing.F) {
	f.Add("a\x1b\n\"\\0\xff9\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		quoted := show.Quote(s, len(s))
		for _, r := range quoted {
			if !unicode.IsGraphic(r) && r != '\u200d' && (r < '\U000e0020' || r > '\U000e007f') {
				t.Fatalf("%q is shown with %q", s, r)
			}
		}
		_, v := value(t, "return "+quoted)
		if v != lua.LString(s) {
			t.Errorf("%q is read as %q", quoted, v)
		}
	})
}
