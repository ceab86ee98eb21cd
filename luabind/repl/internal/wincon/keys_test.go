package wincon

import "testing"

func TestDecoder(t *testing.T) {
	key := func(key, char uint16, state uint32) Record {
		return Record{Kind: KeyEvent, Down: 1, Repeat: 1, Key: key, Char: char, State: state}
	}
	up := func(r Record) Record { r.Down = 0; return r }
	times := func(n uint16, r Record) Record { r.Repeat = n; return r }
	for _, c := range []struct {
		name    string
		records []Record
		want    string
	}{
		{"a letter, pressed and released", []Record{key('A', 'a', 0), up(key('A', 'a', 0))}, "a"},
		{"held", []Record{times(3, key('A', 'a', 0))}, "aaa"},
		{"none said", []Record{times(0, key('A', 'a', 0))}, "a"},
		{"Shift alone", []Record{key(0x10, 0, shift), up(key(0x10, 0, 0))}, ""},
		{"not ASCII", []Record{key(0, 0xe9, 0), key(0, 0x65e5, 0)}, "é日"},
		{"two halves", []Record{key(0, 0xd83d, 0), up(key(0, 0xd83d, 0)), key(0, 0xde00, 0)}, "😀"},
		{"half a character", []Record{key(0, 0xd83d, 0), key('A', 'a', 0), key(0, 0xde00, 0)}, "a\ufffd"},
		{"Enter, Backspace, Escape, Tab", []Record{key(0x0d, '\r', 0), key(8, 8, 0), key(0x1b, 0x1b, 0), key(9, '\t', 0), key(9, '\t', shift)}, "\r\b\x1b\t\x1b[Z"},
		{"Ctrl", []Record{key('C', 3, leftCtrl), key(' ', 0, leftCtrl), key('2', 0, rightCtrl)}, "\x03\x00\x00"},
		{"Alt", []Record{key(altKey, 0, leftAlt), key('X', 'x', leftAlt)}, "\x1bx"},
		{"AltGr", []Record{key('Q', '@', rightAlt|leftCtrl)}, "@"},
		{"a number on the keypad", []Record{up(key(altKey, 0xe4, 0)), up(key(altKey, 0, 0))}, "ä"},
		{"arrows", []Record{key(0x25, 0, 0), key(0x27, 0, leftCtrl), key(0x26, 0, leftAlt), key(0x28, 0, shift|rightCtrl)}, "\x1b[D\x1b[1;5C\x1b[1;3A\x1b[1;6B"},
		{"Home, End, Delete, Page Up", []Record{key(0x24, 0, 0), key(0x23, 0, 0), key(0x2e, 0, 0), key(0x21, 0, leftCtrl)}, "\x1b[H\x1b[F\x1b[3~\x1b[5;5~"},
		{"F1", []Record{key(0x70, 0, 0), key(0x70, 0, shift)}, "\x1bOP\x1b[1;2P"},
		{"what a console sends as a terminal", []Record{key(0, 0x1b, 0), key(0, '[', 0), key(0, 'A', 0)}, "\x1b[A"},
		{"the mouse", []Record{{Kind: 2, Down: 1, Char: 'a'}}, ""},
	} {
		var d Decoder
		var got []byte
		for _, r := range c.records {
			got = d.Append(got, &r)
		}
		if string(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
