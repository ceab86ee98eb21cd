package strlib

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// compare evaluates what generate makes, here and in lua5.1.
func compare(t *testing.T, generate func(*rand.Rand) string) {
	t.Helper()
	if !haveReference() {
		t.Skip("lua5.1 for Linux on x86-64 isn't installed")
	}
	n := 5000
	switch {
	case testing.Short():
		n = 500
	case os.Getenv("LUASPAWN_STRESS") != "":
		n = 10_000
	}
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 0))
		expressions := make([]string, n)
		for i := range expressions {
			expressions[i] = generate(r)
		}
		L := newState(t)
		failures := 0
		for i, want := range reference(t, expressions) {
			if got := evaluate(L, expressions[i]); got != want {
				t.Errorf("seed %d: %s\ngot  %s\nwant %s", seed, expressions[i], got, want)
				if failures++; failures == 10 {
					t.FailNow()
				}
			}
		}
	}
}

func TestRandomPatterns(t *testing.T) {
	compare(t, func(r *rand.Rand) string {
		s, p := quote(subject(r)), quote(pattern(r))
		switch r.IntN(6) {
		case 0:
			return fmt.Sprintf("string.find(%s, %s, %d)", s, p, r.IntN(10)-4)
		case 1:
			return fmt.Sprintf("string.match(%s, %s)", s, p)
		case 2:
			return fmt.Sprintf("string.gsub(%s, %s, %s)", s, p, quote(choose(r, "", "x", "<%0>", "%1", "%2%1", "%", "%%", "a%.b")))
		case 3:
			return fmt.Sprintf("string.gsub(%s, %s, %s, %d)", s, p,
				choose(r, "{a = 1, b = 'two', [1] = 'p', ['ab'] = false}", "string.upper", "function(...) return select('#', ...) end", "function() end"), r.IntN(5)-1)
		case 4:
			return fmt.Sprintf("(function() local r = {} for a, b in string.gmatch(%s, %s) do r[#r + 1] = a .. '/' .. (b or '') end return table.concat(r, ';') end)()", s, p)
		}
		return fmt.Sprintf("string.find(%s, %s)", s, p)
	})
}

func choose(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func subject(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(16) {
		b.WriteString(choose(r, "a", "a", "a", "b", "b", "c", "1", " ", "(", ")", "%", "]", "^", "-", "\x00", "\xff", "Z"))
	}
	return b.String()
}

func pattern(r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(8) == 0 {
		b.WriteByte('^')
	}
	open := 0
	for range 1 + r.IntN(7) {
		switch r.IntN(16) {
		case 0:
			b.WriteByte('(')
			open++
		case 1:
			if open > 0 || r.IntN(10) == 0 {
				b.WriteByte(')')
				open--
			}
		case 2:
			b.WriteString(choose(r, "()", "%b()", "%bab", "%f[%w]", "%f[^a]", "%1", "%2", "$"))
		case 3:
			if r.IntN(4) == 0 { // often malformed
				b.WriteString(choose(r, "%", "[", "]", "[^", "%f", "%b", "%0", "\x00", "[]", "*", "%bx", "[a-", "[%"))
			}
		default:
			b.WriteString(choose(r, "a", "a", "b", "ab", ".", ".", "%a", "%A", "%d", "%s", "%w", "%p", "%z", "%c", "%x", "%%", "%]", "%-",
				"[ab]", "[^a]", "[a-c]", "[%a]", "[^%s]", "[]]", "[^]a]", "[a-]", "[%a-z]", "[a-%]]", "[a-%%]", "[%]%-]", "[--a]", "[\x80-\xff]", "\xff", "^"))
			b.WriteString(choose(r, "", "", "", "*", "+", "-", "?"))
		}
	}
	for ; open > 0 && r.IntN(8) > 0; open-- {
		b.WriteByte(')')
	}
	if r.IntN(6) == 0 {
		b.WriteByte('$')
	}
	return b.String()
}

func TestRandomFormats(t *testing.T) {
	compare(t, func(r *rand.Rand) string {
		var f strings.Builder
		var arguments []string
		for range 1 + r.IntN(3) {
			f.WriteString(choose(r, "", "", "x", "%%", "\x00"))
			f.WriteByte('%')
			for range r.IntN(3) {
				f.WriteString(choose(r, "-", "+", " ", "#", "0"))
			}
			if r.IntN(2) == 0 {
				f.WriteString(strconv.Itoa(r.IntN(30)))
			}
			if r.IntN(2) == 0 {
				f.WriteByte('.')
				if r.IntN(4) > 0 {
					f.WriteString(strconv.Itoa(r.IntN(25)))
				}
			}
			letter := choose(r, "c", "d", "i", "o", "u", "x", "X", "e", "E", "f", "g", "g", "G", "q", "s", "s")
			if r.IntN(50) == 0 {
				letter = choose(r, "y", "l", "5", "", "100d", "a", "p")
			}
			f.WriteString(letter)
			switch {
			case r.IntN(60) == 0:
				arguments = append(arguments, choose(r, "nil", "true", "{}", "'x'"))
			case letter == "s" || letter == "q":
				arguments = append(arguments, choose(r, quote(subject(r)), quote(strings.Repeat(subject(r), 12)), number(r)))
			case letter == "c":
				arguments = append(arguments, choose(r, strconv.Itoa(r.IntN(300)-20), "65", "0"))
			default:
				arguments = append(arguments, number(r))
			}
		}
		return fmt.Sprintf("string.format(%s, %s)", quote(f.String()), strings.Join(arguments, ", "))
	})
}

// number returns an expression: gopher-lua's lexer doesn't read all that lua5.1's
// does, so it is one of tonumber or arithmetic.
func number(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return strconv.Itoa(r.IntN(2000) - 1000)
	case 1:
		return choose(r, "0", "(1/0)", "(-1/0)", "(0/0)", "-(0/0)", "2^53", "2^63", "-2^63", "2^64", "1e15", "1e14", "99999999999999", "0.5", "1.5", "2.5", "-0.5", "1e100", "5e-324", "1e308*10")
	case 2:
		return fmt.Sprintf("tonumber('%.17g')", float64(int64(r.Uint64()>>r.IntN(64))))
	case 3:
		return fmt.Sprintf("tonumber('%.17g')", r.NormFloat64())
	case 4:
		return fmt.Sprintf("'%d'", r.IntN(100000))
	}
	f := math.Float64frombits(r.Uint64())
	if math.IsNaN(f) || math.IsInf(f, 0) {
		f = 1
	}
	return fmt.Sprintf("tonumber('%.17g')", f)
}

func TestRandomNumbers(t *testing.T) {
	compare(t, func(r *rand.Rand) string {
		switch r.IntN(5) {
		case 0:
			return fmt.Sprintf("tostring(%s)", number(r))
		case 2:
			return fmt.Sprintf("%s %s %d", quote(someNumeral(r)), choose(r, "+", "-", "*", "/", "%"), 1+r.IntN(5))
		case 1:
			return fmt.Sprintf("tonumber(%s, %d)", quote(someNumeral(r)), 2+r.IntN(35))
		}
		return fmt.Sprintf("tonumber(%s)", quote(someNumeral(r)))
	})
}

// someNumeral returns what is a number, or nearly one.
func someNumeral(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString(choose(r, "", "", "", " ", "\t\n", "-", "+", "- "))
	b.WriteString(choose(r, "", "", "0x", "0X", "0", "inf", "nan", "INFINITY"))
	for range r.IntN(22) {
		b.WriteByte("0123456789abcdef"[r.IntN(choice10or16(r))])
	}
	b.WriteString(choose(r, "", "", ".", ".5", ".25", "e5", "e-3", "e", "p3", "P-2", "e+400", "_", "(1)", "\x00x"))
	b.WriteString(choose(r, "", "", "", " ", "\v", "x", "\x00"))
	return b.String()
}

func choice10or16(r *rand.Rand) int {
	if r.IntN(3) == 0 {
		return 16
	}
	return 10
}

func TestRandomSlices(t *testing.T) {
	index := func(r *rand.Rand) string {
		return choose(r, strconv.Itoa(r.IntN(30)-15), strconv.Itoa(r.IntN(30)-15), "1/0", "-1/0", "2^40", "-2^40", "2.9", "'3'", "nil", "1e300")
	}
	compare(t, func(r *rand.Rand) string {
		s := quote(subject(r))
		switch r.IntN(8) {
		case 0, 1:
			return fmt.Sprintf("string.sub(%s, %s, %s)", s, index(r), index(r))
		case 2:
			return fmt.Sprintf("string.byte(%s, %s, %s)", s, index(r), index(r))
		case 3:
			return fmt.Sprintf("string.find(%s, %s, %s, true)", s, quote(subject(r)[:0]+choose(r, "a", "b", "ab", "")), index(r))
		case 4:
			return fmt.Sprintf("string.rep(%s, %s)", s, choose(r, strconv.Itoa(r.IntN(20)-5), "2.9", "'3'", "-1/0", "0/0"))
		case 5:
			return fmt.Sprintf("string.upper(%s), string.lower(%s), string.reverse(%s), string.len(%s)", s, s, s, s)
		case 6:
			return fmt.Sprintf("string.char(%d, %d)", r.IntN(300)-20, r.IntN(256))
		}
		return fmt.Sprintf("string.match(%s, %s, %s)", s, quote(pattern(r)), index(r))
	})
}
