package strlib

import "testing"

// What tostring and tonumber give.
func TestNumbers(t *testing.T) {
	check(t, []sample{
		{`tostring(1e15), tostring(123456789012345), tostring(99999999999999), tostring(1e14), tostring(1/3), tostring(-1e-5), tostring(1e-4), tostring(2^53), tostring(0.1)`, `"1e+15" "1.2345678901234e+14" "99999999999999" "1e+14" "0.33333333333333" "-1e-05" "0.0001" "9.007199254741e+15" "0.1"`},
		{`tostring(1/0), tostring(-1/0), tostring(tonumber("-nan")), tostring(tonumber("nan"))`, `"inf" "-inf" "-nan" "nan"`},
		{`tostring(tonumber("-0")), tostring(5e-324), tostring(1e100), tostring(-12345.678)`, `"-0" "4.9406564584125e-324" "1e+100" "-12345.678"`},
		{`tostring("x"), tostring(nil), tostring(true), tostring("a\0b")`, `"x" "nil" "true" "a\000b"`},
		{`tostring()`, `error: t:1: bad argument #1 to 'tostring' (value expected)`},
		{`tostring(setmetatable({}, {__tostring = function() return "T" end})), tostring(setmetatable({}, {__tostring = function() return 1 end}))`, `"T" 1`},
		{`tonumber("0x10"), tonumber("0X1f"), tonumber(" 0x10 "), tonumber("0x1p4"), tonumber("0x1.8"), tonumber("-0x.8p1"), tonumber("0xffffffffffffffffff")`, `16 31 16 16 1.5 -1 4.7223664828696452e+21`},
		{`tonumber("0x"), tonumber("0x."), tonumber("0x1p"), tonumber("1e"), tonumber("1e+"), tonumber("1_000"), tonumber("0b1"), tonumber("- 1"), tonumber("1 2"), tonumber(""), tonumber(" "), tonumber("1x")`, `nil nil nil nil nil nil nil nil nil nil nil nil`},
		{`tonumber("1e5"), tonumber(".5"), tonumber("5."), tonumber("."), tonumber("010"), tonumber("1e400"), tonumber("-1e400"), tonumber("1e-400"), tonumber("\t1\n\v\f\r")`, `100000 0.5 5 nil 10 inf -inf 0 1`},
		{`tonumber("inf"), tonumber("-INF"), tonumber("infinity"), tonumber("nan") ~= tonumber("nan"), tonumber("nan(a_1)") ~= nil, tonumber("nan(-)"), tonumber("infi")`, `inf -inf inf true true nil nil`},
		{`tonumber("1\0x"), tonumber("\0001"), tonumber("1_0"), tonumber("1\160")`, `1 nil nil nil`},
		{`tonumber("ff", 16), tonumber("0xff", 16), tonumber("FF", 16), tonumber("zz", 36), tonumber("7", 8), tonumber("8", 8), tonumber(" 11 ", 2), tonumber("10\0", 16)`, `255 255 255 1295 7 nil 3 16`},
		{`tonumber("-1", 16), tonumber("-11", 2), tonumber("18446744073709551616", 10), tonumber("fffffffffffffffff", 16), tonumber("-fffffffffffffffff", 16)`, `1.8446744073709552e+19 1.8446744073709552e+19 1.8446744073709552e+19 1.8446744073709552e+19 1.8446744073709552e+19`},
		{`tonumber("0x", 16), tonumber("0x", 36), tonumber("", 16), tonumber("1.5", 9), tonumber("1e1", 16), tonumber("1e1", 10), tonumber(15, 16), tonumber(15.5, 16), tonumber(15.5, 10)`, `nil 33 nil nil 481 10 21 nil 15.5`},
		{`tonumber({}), tonumber(nil), tonumber(true), tonumber("1", nil), tonumber("11", "2"), tonumber("11", 2.9), tonumber("11", 2^32 + 2)`, `nil nil nil 1 3 3 3`},
		{`tonumber()`, `error: t:1: bad argument #1 to 'tonumber' (value expected)`},
		{`tonumber({}, 16)`, `error: t:1: bad argument #1 to 'tonumber' (string expected, got table)`},
		{`tonumber("1", 37)`, `error: t:1: bad argument #2 to 'tonumber' (base out of range)`},
		{`tonumber("1", 1)`, `error: t:1: bad argument #2 to 'tonumber' (base out of range)`},
		{`tonumber("1", {})`, `error: t:1: bad argument #2 to 'tonumber' (number expected, got table)`},
	})
}

// Strings in arithmetic.
func TestArithmetic(t *testing.T) {
	check(t, []sample{
		{`"010" + 1, "0x10" * "2", " 7 " - 0, 10 / "4", "7" % "-3", "5.5" % 2, "2" ^ "0.5", -"0x1.8", -"-0"`, `11 32 7 2.5 -2 1.5 1.4142135623730951 -1.5 0`},
		{`"1_0" + 1`, `error: t:1: attempt to perform arithmetic on a string value`},
		{`"x" + 1`, `error: t:1: attempt to perform arithmetic on a string value`},
		{`1 - "0b1"`, `error: t:1: attempt to perform arithmetic on a string value`},
		{`-"x"`, `error: t:1: attempt to perform arithmetic on a string value`},
		{`"1" + setmetatable({}, {__add = function(a, b) return a .. type(b) end})`, `"1table"`},
		{`setmetatable({}, {__mul = function(a, b) return type(a) .. b end}) * "x"`, `"tablex"`},
		{`"1" + {}`, `error: t:1: attempt to perform arithmetic on a table value`},
	})
}
