package pickle

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// numeral pushes a number.
func (d *decoder) numeral(op byte) error {
	var bytes []byte
	var n uint64
	var text string
	var err error
	i := int64(0)
	switch op {
	case opInt, opLong, opFloat:
		if text, err = d.line(); err == nil {
			return d.text(op, text)
		}
	case opBinInt:
		n, err = d.number(4)
		i = int64(int32(n))
	case opBinInt1:
		n, err = d.number(1)
		i = int64(n)
	case opBinInt2:
		n, err = d.number(2)
		i = int64(n)
	case opBinFloat:
		if bytes, err = d.take(8); err == nil {
			d.push(lua.LNumber(math.Float64frombits(binary.BigEndian.Uint64(bytes))), plain)
			return nil
		}
	case opLong1:
		bytes, err = d.sized(1)
		return d.long(bytes, err)
	case opLong4:
		bytes, err = d.sized(4)
		return d.long(bytes, err)
	}
	if err == nil {
		d.push(lua.LNumber(i), plain)
	}
	return err
}

// text reads a number of protocol 0.
func (d *decoder) text(op byte, s string) error {
	if op == opInt && (s == "00" || s == "01") {
		d.push(lua.LBool(s == "01"), plain)
		return nil
	}
	if op == opLong {
		s = strings.TrimSuffix(s, "L")
	}
	if op != opFloat {
		digits := strings.TrimPrefix(s, "-")
		if digits == "" || strings.Trim(digits, "0123456789") != "" {
			return errBad
		}
		if digits = strings.TrimLeft(digits, "0"); digits == "" {
			digits = "0"
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || strconv.FormatFloat(math.Abs(v), 'f', 0, 64) != digits {
			return errorf("what came from Python has the integer %s, which no number of Lua's is (str makes a string of it)", shorten(s))
		}
		d.push(lua.LNumber(v+0), plain)
		return nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(v, 0) || strings.ContainsAny(s, "xX_") {
		return errBad
	}
	d.push(lua.LNumber(v), plain)
	return nil
}

// long pushes an integer of any size, little-endian in two's complement.
func (d *decoder) long(b []byte, err error) error {
	if err != nil {
		return err
	}
	negative := len(b) > 0 && b[len(b)-1] >= 1<<7
	// The magnitude's words, from the least significant one.
	words := make([]uint64, (len(b)+7)/8)
	for i := range words {
		var wide [8]byte
		n := copy(wide[:], b[8*i:])
		for j := n; negative && j < 8; j++ {
			wide[j] = 0xff
		}
		words[i] = binary.LittleEndian.Uint64(wide[:])
	}
	for i, carry := 0, uint64(1); negative && i < len(words); i++ {
		words[i], carry = bits.Add64(^words[i], 0, carry)
	}
	high := len(words) - 1
	for high >= 0 && words[high] == 0 {
		high--
	}
	low := 0
	for low < high && words[low] == 0 {
		low++
	}
	if high < 0 {
		d.push(lua.LNumber(0), plain)
		return nil
	}
	size := 64*high + bits.Len64(words[high])
	if zeros := 64*low + bits.TrailingZeros64(words[low]); size-zeros > 53 || size > 1024 {
		return errorf("what came from Python has an integer of %d bits, which no number of Lua's is (str makes a string of it)", size)
	}
	v := 0.0
	for i := high; i >= low; i-- {
		v += math.Ldexp(float64(words[i]), 64*i)
	}
	if negative {
		v = -v
	}
	d.push(lua.LNumber(v), plain)
	return nil
}

// str pushes a string.
func (d *decoder) str(op byte) error {
	var b []byte
	var err error
	switch op {
	case opString, opUnicode:
		line, err := d.line()
		if err != nil {
			return err
		}
		s, ok := unescape(line, op == opUnicode)
		if !ok {
			return errBad
		}
		d.push(lua.LString(s), plain)
		return nil
	case opShortBinString, opShortBinUnicode, opShortBinBytes:
		b, err = d.sized(1)
	case opBinString, opBinUnicode, opBinBytes:
		b, err = d.sized(4)
	default:
		b, err = d.sized(8)
	}
	if err == nil {
		d.push(lua.LString(b), plain)
	}
	return err
}

// unescape reads a string of protocol 0: in Latin-1 with \u and \U, or a literal of Python 2.
func unescape(s string, unicode bool) (string, bool) {
	if !unicode {
		if n := len(s); n < 2 || s[0] != s[n-1] || s[0] != '\'' && s[0] != '"' {
			return "", false
		}
		s = s[1 : len(s)-1]
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		var next byte
		if c == '\\' && i+1 < len(s) {
			next = s[i+1]
		}
		digits := 0
		switch {
		case unicode && next == 'u':
			digits = 4
		case unicode && next == 'U':
			digits = 8
		case !unicode && next == 'x':
			digits = 2
		case unicode:
			b.WriteRune(rune(c))
			continue
		case c != '\\':
			b.WriteByte(c)
			continue
		default:
			at := strings.IndexByte(`\'"abfnrtv`, next)
			if next == 0 || at < 0 {
				return "", false
			}
			b.WriteByte("\\'\"\a\b\f\n\r\t\v"[at])
			i++
			continue
		}
		if i+2+digits > len(s) {
			return "", false
		}
		n, err := strconv.ParseUint(s[i+2:i+2+digits], 16, 32)
		if err != nil || n > 0x10ffff {
			return "", false
		}
		if unicode {
			b.WriteRune(rune(n))
		} else {
			b.WriteByte(byte(n))
		}
		i += 1 + digits
	}
	return b.String(), true
}
