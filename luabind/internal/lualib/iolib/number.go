package iolib

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

const space = " \t\n\v\f\r"

// scanNumber takes the characters of a number, in lower case, as C's scanf does
// for "%lf": peek returns the next one, if there is one, and skip takes it. What
// was taken stays taken where it turns out not to be a number.
func scanNumber(peek func() (byte, bool), skip func()) string {
	var text []byte
	next := func() byte { // 0 at the end
		c, _ := peek()
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		return c
	}
	take := func() { text = append(text, next()); skip() }
	word := func(w string) {
		for i := range len(w) {
			c := next()
			if c == 0 {
				return
			}
			if take(); c != w[i] {
				return
			}
		}
	}
	if c := next(); c == '-' || c == '+' {
		take()
	}
	switch next() {
	case 'n':
		word("nan")
		return string(text)
	case 'i':
		word("inf")
		if next() == 'i' {
			word("inity")
		}
		return string(text)
	}
	hexadecimal, exponent, digits := false, byte('e'), false
	if next() == '0' {
		take()
		if next() == 'x' {
			take()
			hexadecimal, exponent = true, 'p'
		} else {
			digits = true
		}
	}
	for point, inExponent := false, false; ; take() {
		switch c := next(); {
		case '0' <= c && c <= '9', hexadecimal && !inExponent && 'a' <= c && c <= 'f':
			digits = true
		case c == '.' && !point && !inExponent:
			point = true
		case c == exponent && digits && !inExponent:
			inExponent = true
		case (c == '-' || c == '+') && inExponent && text[len(text)-1] == exponent:
		default:
			return string(text)
		}
	}
}

// convert reads as much of what scanNumber took as is a number: of "1e+" it is
// the "1". It returns how much that was, 0 if there is no number.
func convert(text string) (f float64, used int) {
	number := strings.TrimRight(text, "+-") // after an exponent's letter
	switch {
	case strings.TrimLeft(number, "+-") == "nan": // to ParseFloat it must not have a sign
		sign := 1.0
		if number[0] == '-' {
			sign = -1
		}
		return math.Copysign(math.NaN(), sign), len(number)
	case strings.Contains(number, "x"):
		number = strings.TrimSuffix(number, "p")
		if used = len(number); !strings.Contains(number, "p") {
			number += "p0"
		}
	default:
		number = strings.TrimSuffix(number, "e")
		used = len(number)
	}
	f, err := strconv.ParseFloat(number, 64)
	if errors.Is(err, strconv.ErrSyntax) {
		return 0, 0
	}
	return f, used
}
