// Package wincon reads the console of Windows as a terminal is read elsewhere: keys come as UTF-8 and escape
// sequences, lines end in "\n".
//
//	console --records--> Decoder --bytes-->  a prompt, while it edits
//	console --lines, UTF-16--------------->  scripts, and a prompt that doesn't edit
package wincon

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// A Record is the console's INPUT_RECORD of a key.
type Record struct {
	Kind   uint16 // KeyEvent, or something else
	_      uint16
	Down   int32 // 0: the key was released
	Repeat uint16
	Key    uint16 // the number of the key
	_      uint16
	Char   uint16 // of UTF-16; 0: the key has none
	State  uint32 // of Shift and the like
}

// Kinds of records.
const (
	KeyEvent  = 1
	SizeEvent = 4
)

// State of a Record.
const (
	rightAlt = 1 << iota
	leftAlt
	rightCtrl
	leftCtrl
	shift
)

const altKey = 0x12

// finals and numbers are the ends of sequences for keys without a character.
var (
	finals = map[uint16]byte{
		0x26: 'A', 0x28: 'B', 0x27: 'C', 0x25: 'D', 0x24: 'H', 0x23: 'F', // up, down, right, left, home, end
		0x70: 'P', 0x71: 'Q', 0x72: 'R', 0x73: 'S', // F1 to F4
	}
	numbers = map[uint16]byte{0x2d: '2', 0x2e: '3', 0x21: '5', 0x22: '6'} // insert, delete, page up, page down
)

// A Decoder turns records into what a terminal sends. The zero Decoder is ready.
type Decoder struct {
	high uint16 // the first half of a character; 0: none
}

// Append appends to b what r is.
func (d *Decoder) Append(b []byte, r *Record) []byte {
	// A character by its number on the keypad comes when Alt is released.
	if r.Kind != KeyEvent || r.Down == 0 && (r.Key != altKey || r.Char == 0) {
		return b
	}
	keys := d.keys(nil, r)
	for range max(r.Repeat, 1) {
		b = append(b, keys...)
	}
	return b
}

func (d *Decoder) keys(b []byte, r *Record) []byte {
	alt, ctrl := r.State&(leftAlt|rightAlt) != 0, r.State&(leftCtrl|rightCtrl) != 0
	switch {
	case r.Char == 0 && ctrl && (r.Key == ' ' || r.Key == '2'):
		return append(b, 0)
	case r.Char == 0:
		return sequence(b, r, alt, ctrl)
	case r.Char == '\t' && r.State&shift != 0:
		return append(b, "\x1b[Z"...)
	}
	high := d.high
	d.high = 0
	c := rune(r.Char)
	switch {
	case high != 0 && utf16.IsSurrogate(c):
		c = utf16.DecodeRune(rune(high), c)
	case c >= 0xd800 && c < 0xdc00:
		d.high = r.Char
		return b
	case utf16.IsSurrogate(c):
		c = utf8.RuneError
	}
	if alt && !ctrl && r.Down != 0 { // both together are AltGr, which makes other characters
		b = append(b, 0x1b)
	}
	return utf8.AppendRune(b, c)
}

// sequence is that of a key without a character; of one that is pressed together with others, such as Shift, there is none.
func sequence(b []byte, r *Record, alt, ctrl bool) []byte {
	modifiers := 1
	for i, on := range []bool{r.State&shift != 0, alt, ctrl} {
		if on {
			modifiers += 1 << i
		}
	}
	final, number := finals[r.Key], byte('1')
	if final == 0 {
		if number = numbers[r.Key]; number == 0 {
			return b
		}
		final = '~'
	}
	switch {
	case modifiers > 1:
		return fmt.Appendf(b, "\x1b[%c;%d%c", number, modifiers, final)
	case final == '~':
		return fmt.Appendf(b, "\x1b[%c~", number)
	case final >= 'P':
		return fmt.Appendf(b, "\x1bO%c", final)
	}
	return fmt.Appendf(b, "\x1b[%c", final)
}
