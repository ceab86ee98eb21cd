package lua51_test

import (
	"testing"

	"luaspawn/luabind/internal/lua51"
)

// What lua5.1 says of these.
func TestCheck(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"x = 1_000", "test:1: malformed number near '1_000'"},
		{"\n\r\nx = 0b1()", "test:3: malformed number near '0b1'"},
		{"x = 0o7 = 1", "test:1: malformed number near '0o7'"},
		{"x = 3x", "test:1: malformed number near '3x'"},
		{"x = 0x", "test:1: malformed number near '0x'"},
		{"x = 0xg1", "test:1: malformed number near '0xg1'"},
		{"x = 1..2", "test:1: malformed number near '1..2'"},
		{"x = 1.2.3", "test:1: malformed number near '1.2.3'"},
		{"x = 5e", "test:1: malformed number near '5e'"},
		{"x = 5e+ 1", "test:1: malformed number near '5e+'"},
		{"x = .5e1e", "test:1: malformed number near '.5e1e'"},
		{"a = 1b = 2", "test:1: malformed number near '1b'"},
		{"--[==[ 1_0 ]] ]==] x = 1_1", "test:1: malformed number near '1_1'"},
		{"x = '\\'1_0' .. [[1_0]] .. \"\\\\\" x = 1_2", "test:1: malformed number near '1_2'"},
		{"x = 'a\\\n1_0' x = 1_3", "test:2: malformed number near '1_3'"},
		{"x = 'a\\\r\n1_0' x = 'a\\\n\r1_0' x = 1_4", "test:3: malformed number near '1_4'"},
		{"x = 1 .. 2 -- 1_0\nx = a1_0 .. b.c2d x = {...} x = 0x1F + 1e5 + 1E-5 + 3. + .5 + 08", ""},
		{"x = 'unfinished 1_0\n", ""},
		{"x = [=[unfinished 1_0\n", ""},
		{"x = a[1] x = a[ [[b]] ] x = a[=1", ""},
		{"x = 'unfinished \\", ""},
		{"-", ""},
		{"--", ""},
		{"", ""},
	} {
		err := lua51.Check("test", test.source)
		if got := errorText(err); got != test.want {
			t.Errorf("%q: got %q, want %q", test.source, got, test.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func FuzzCheck(f *testing.F) {
	f.Add("x = 1_0 'a\\'' [[ ]] --[=[ ]=] .5e1 ...")
	f.Fuzz(func(t *testing.T, source string) { lua51.Check("test", source) })
}
