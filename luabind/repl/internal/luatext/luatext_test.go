package luatext

import (
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	letters := map[Kind]string{Name: "n", Keyword: "k", String: "s", Number: "d", Comment: "c", Symbol: ""}
	for _, test := range []struct{ text, want string }{
		{"local x = 10", "k:local n:x = d:10"},
		{"a.b:c'd'", "n:a . n:b : n:c s:'d'"},
		{"1..2", "d:1 .. d:2"},
		{"1e-5+0xff", "d:1e-5 + d:0xff"},
		{".5 ...", "d:.5 ..."},
		{"--[[a\nb]]x", "c:--[[a\nb]] n:x"},
		{"x--y\nz", "n:x c:--y n:z"},
		{"[==[a]]b]==]c", "s:[==[a]]b]==] n:c"},
		{"[=x", "[ = n:x"},
		{`"a\"b"c`, `s:"a\"b" n:c`},
		{"'a\nb", "s:'a n:b"},
		{"[[a", "s:[[a"},
		{"a~=b==c", "n:a ~= n:b == n:c"},
		{"'中文' 中", "s:'中文' \xe4 \xb8 \xad"},
	} {
		var got []string
		for _, token := range Tokens(test.text) {
			text := test.text[token.Start:token.End]
			switch l := letters[token.Kind]; {
			case token.Kind == Space:
			case l != "":
				got = append(got, l+":"+text)
			default:
				got = append(got, text)
			}
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%q: got %q, want %q", test.text, s, test.want)
		}
	}
}

func TestWantsMore(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "x": false, "[[": true, "[[]]": false, "--[[": true, "--": false, "--[==[ ]]": true,
		`"a`: false, `"a\`: true, "\"a\\\n": true, `"a\\`: false, "'a\\\nb'": false,
	} {
		if got := WantsMore(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestColour(t *testing.T) {
	text := "if x then return 'a', nil end -- b"
	got := Colour(text, Highlight(text))
	want := "\x1b[35mif\x1b[0m x \x1b[35mthen\x1b[0m \x1b[35mreturn\x1b[0m \x1b[32m'a'\x1b[0m, \x1b[36mnil\x1b[0m \x1b[35mend\x1b[0m \x1b[90m-- b\x1b[0m"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("local x = [==[ ]=] --[[ \"\\")
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, token := range Tokens(text) {
			if token.Start != at || token.End <= at {
				t.Fatalf("a gap at %d: %v", at, token)
			}
			at = token.End
		}
		if at != len(text) {
			t.Fatalf("got to %d of %d", at, len(text))
		}
		WantsMore(text)
		Colour(text, Highlight(text))
	})
}

func TestOperands(t *testing.T) {
	for text, want := range map[string]string{
		"p:join(t.x, 2)":                   "p:join|t.x|2",
		"local s = 'a b' .. [[c\nd]] -- e": "s|'a b'|[[c\nd]]",
		"if x then return end":             "x",
		"1.5 .. a . b":                     "1.5|a|b",
		"":                                 "",
		"= : . (":                          "",
		"a[1].b":                           "a|1|b",
		"'open":                            "'open",
	} {
		if got := strings.Join(Operands(text), "|"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestIndent(t *testing.T) {
	for _, test := range []struct{ text, inside, closing string }{
		{"x =", "", ""},
		{"function f(a)", "  ", ""},
		{"local f = {g = function(a) if a then", "  ", ""},
		{"for i = 1, 3 do\n  if i then", "    ", "  "},
		{"for i = 1, 3 do\n  if i then\n  else", "    ", "  "},
		{"if a then\n  b()\nelseif c then", "  ", ""},
		{"repeat\n    x()", "    ", ""}, // as its neighbours
		{"while f(1,\n  2) do", "    ", "  "},
		{"function f()\n  g(a,\n    b)", "  ", ""},
		{"f(function()\n  g()\nend,", "  ", ""},
		{"t = {\n\n\n  1,", "  ", ""},
		{"if x then -- do\n", "  ", ""},
		{"s = [[ do", "", ""},
		{"s = 'do \\", "", ""},
		{"end end", "", ""},
		{"", "", ""},
	} {
		if inside, closing := Indent(test.text); inside != test.inside || closing != test.closing {
			t.Errorf("%q: got %q, %q, want %q, %q", test.text, inside, closing, test.inside, test.closing)
		}
	}
}
