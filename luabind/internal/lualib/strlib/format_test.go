package strlib

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// string.format.
func TestFormat(t *testing.T) {
	check(t, []sample{
		{`string.format("%d %i %5d|%-5d|%05d|%+d|% d|%.3d|%5.3d|%05.3d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)`, `"1 2     3|4    |00005|+6| 7|008|  009|  010"`},
		{`string.format("%d %d %d %d %d", 3.99, -3.99, 1e20, -1e20, "0x10")`, `"3 -3 -9223372036854775808 -9223372036854775808 16"`},
		{`string.format("%.0d|%.d|%.0x|%#.0o|%#x|%#x|%#o|%#X|%#10.4x", 0, 0, 0, 0, 0, 255, 8, 255, 255)`, `"|||0|0|0xff|010|0XFF|    0x00ff"`},
		{`string.format("%x %X %o %u", -1, 255.9, -1, -1), string.format("%x %x %u %x %x", 1e20, 2^63, 1e19, 2^64, -2^63)`, `"ffffffffffffffff FF 1777777777777777777777 18446744073709551615" "0 8000000000000000 10000000000000000000 0 8000000000000000"`},
		{`string.format("%d %x %x %x", tonumber("nan"), tonumber("-nan"), 1/0, -1/0)`, `"-9223372036854775808 8000000000000000 0 8000000000000000"`},
		{`string.format("%c%c%c", 76, 117, "97"), string.format("[%5c|%-5c|%05c]", 65, 65, 65), string.format("[%c|%5c|%-5c]", 0, 0, 0), string.format("%c%c", 321, -1), string.format("[%c]", 2^32 + 65)`, `"Lua" "[    A|A    |    A]" "[|    |]" "A\255" "[]"`},
		{`string.format("%f %.2f %10.3f|%-10.1f|%+f|%010.2f|%#.0f", 1/3, 1/3, 1/3, 1/3, 1/3, -1/3, 1)`, `"0.333333 0.33      0.333|0.3       |+0.333333|-000000.33|1."`},
		{`string.format("%e %.0e %E %#.0e %12.3e|", 12345.678, 1, 0.00012, 1, 1e100)`, `"1.234568e+04 1e+00 1.200000E-04 1.e+00   1.000e+100|"`},
		{`string.format("%g %g %g %g %.3g %G %#g %#.3g %.0g %g", 1e20, 0.0001, 0.00001, 123456789, 1234, 1e-10, 1, 1000, 0.15, 100000)`, `"1e+20 0.0001 1e-05 1.23457e+08 1.23e+03 1E-10 1.00000 1.00e+03 0.1 100000"`},
		{`string.format("%g %f %e %G %E", tonumber("-nan"), tonumber("-nan"), 1/0, -1/0, 1/0), string.format("%05g|%+g|% g|%010f|%-8g|", 1/0, 1/0, 1/0, -1/0, 1/0)`, `"-nan -nan inf -INF INF" "  inf|+inf| inf|      -inf|inf     |"`},
		{`string.format("%.20g %.17g %.14g %.50g", 0.1, 0.1, 0.1, 0.1), string.format("%.f %.f %.f", 0.5, 1.5, 2.5)`, `"0.10000000000000000555 0.10000000000000001 0.1 0.1000000000000000055511151231257827021181583404541" "0 2 2"`},
		{`string.format("%99.99f", 1/3), #string.format("%.99f", -1e308), string.format("%5.1f|%-+6.1f|%-06d|", -0.04, 2, 7)`, `"0.333333333333333314829616256247390992939472198486328125000000000000000000000000000000000000000000000" 410 " -0.0|+2.0  |7     |"`},
		{`string.format("%s %s %10s|%-10s|%.2s|%10.1s|%05s", "a", 1e15, "b", "c", "def", "ghi", "x")`, `"a 1e+15          b|c         |de|         g|    x"`},
		{`string.format("%s|%.5s|%5s", "a\0b", "a\0b", "a\0b"), string.format("%s|", ("x"):rep(99) .. "\0y")`, `"a|a|    a" "` + strings.Repeat("x", 99) + `\000y|"`},
		{`string.format("%120s", 1)`, `error: t:1: invalid format (width or precision too long)`},
		{`string.format("%10s|%.3s|%.s|%.0s", ("x"):rep(101), ("x"):rep(101), "abc", "abc")`, `"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|xxx||"`},
		{`string.format("%q", "\0\1\t\r\n\"\\\200é"), string.format("%q", 1.5), string.format("%5.1q|", "ab"), string.format("%q", "")`, `""\000\001\009\r\\010\"\\\200\195\169"" ""1.5"" ""ab"|" """"`},
		{`string.format("%%"), string.format("%5d%%", 50), string.format("a\0b%d", 1), string.format(1, 2), string.format("")`, `"%" "   50%" "a\000b1" "1" ""`},
		{`string.format()`, `error: t:1: bad argument #1 to 'format' (string expected, got no value)`},
		{`string.format("%d")`, `error: t:1: bad argument #2 to 'format' (no value)`},
		{`string.format("%d", "x")`, `error: t:1: bad argument #2 to 'format' (number expected, got string)`},
		{`string.format("%s", nil)`, `error: t:1: bad argument #2 to 'format' (string expected, got nil)`},
		{`string.format("%s", {})`, `error: t:1: bad argument #2 to 'format' (string expected, got table)`},
		{`string.format("%s", true)`, `error: t:1: bad argument #2 to 'format' (string expected, got boolean)`},
		{`string.format("%y", 1)`, `error: t:1: invalid option '%y' to 'format'`},
		{`string.format("%", 1)`, `error: t:1: invalid option '%' to 'format'`},
		{`string.format("a%")`, `error: t:1: bad argument #2 to 'format' (no value)`},
		{`string.format("%5%")`, `error: t:1: bad argument #2 to 'format' (no value)`},
		{`string.format("%123d", 1)`, `error: t:1: invalid format (width or precision too long)`},
		{`string.format("%.123d", 1)`, `error: t:1: invalid format (width or precision too long)`},
		{`string.format("%-+ #00d", 1)`, `error: t:1: invalid format (repeated flags)`},
		{`string.format("%--5d|%  d|", 1, 1)`, `"1    | 1|"`},
		{`string.format("%5.", 1)`, `error: t:1: invalid option '%' to 'format'`},
		{`string.format("%F", 1)`, `error: t:1: invalid option '%F' to 'format'`},
		{`string.format("%a", 1)`, `error: t:1: invalid option '%a' to 'format'`},
		{`string.format("%ld", 1)`, `error: t:1: invalid option '%l' to 'format'`},
		{`string.format("%1$d", 1)`, `error: t:1: invalid option '%$' to 'format'`},
		{`string.format("%*d", 1, 2)`, `error: t:1: invalid option '%*' to 'format'`},
		{`("%d"):format(3, 4), ("%s"):format("x")`, `"3" "x"`},
	})
}

// %q must read back for every byte, alone and before a digit.
func TestQuotedReadsBack(t *testing.T) {
	L := newState(t)
	for i := range 256 {
		for _, s := range []string{string([]byte{byte(i)}), string([]byte{byte(i), '1'}), string([]byte{byte(i), byte(i)})} {
			glua.SetNamed(L.G.Global, "s", lua.LString(s))
			if got := evaluate(L, `loadstring("return " .. string.format("%q", s))() == s`); got != "true" {
				t.Errorf("%q: %s", s, got)
			}
		}
	}
}
