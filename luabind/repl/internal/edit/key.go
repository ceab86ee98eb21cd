package edit

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A key is what was pressed: a character that is inserted, or the name of
// another key: "enter", "C-a" (with Ctrl), "M-b" (with Alt, or after Escape),
// "up"; "C-left". A paste is one key.
type key struct {
	name string
	text string // to insert; only if name is "" or "paste"
}

// controls names the keys whose codes have a meaning of their own.
var controls = [256]string{'\r': "enter", '\n': "enter", '\t': "tab", 0x7f: "backspace", 0x08: "backspace", 0x1c: "C-\\", 0x1d: "C-]", 0x1e: "C-^", 0x1f: "C-_", 0: "C-space"}

// Source is where keys come from.
type Source interface {
	ReadByte() (byte, error)
	Pending() bool // there is a byte that can be read without waiting
}

// keys is a Source that takes back a byte.
type keys struct {
	Source
	back  byte
	taken bool // back is what comes next
}

func (k *keys) ReadByte() (byte, error) {
	if k.taken {
		k.taken = false
		return k.back, nil
	}
	return k.Source.ReadByte()
}

func (k *keys) Pending() bool { return k.taken || k.Source.Pending() }

// interrupt is the code of Ctrl-C. Whatever it comes in the middle of, it is that: somebody gives up.
const interrupt = 3

func readKey(s *keys) (key, error) {
	c, err := s.ReadByte()
	if err != nil {
		return key{}, err
	}
	switch {
	case c == 0x1b:
		return readEscape(s)
	case controls[c] != "":
		return key{name: controls[c]}, nil
	case c < 0x20:
		return key{name: "C-" + string(rune(c+'a'-1))}, nil
	case c < utf8.RuneSelf:
		return key{text: string(rune(c))}, nil
	}
	return readRune(s, c)
}

// readRune reads the rest of a character of several bytes. What isn't UTF-8 is
// inserted as it is; the key behind it is one of its own.
func readRune(s *keys, c byte) (key, error) {
	b := []byte{c}
	for !utf8.FullRune(b) {
		c, err := s.ReadByte()
		if err != nil {
			return key{}, err
		}
		if utf8.RuneStart(c) {
			s.back, s.taken = c, true
			break
		}
		b = append(b, c)
	}
	return key{text: string(b)}, nil
}

// readEscape reads what follows an ESC:
//
//	ESC [ parameters final      a key of its own, a paste, or a report, which is ignored
//	ESC O final                 a key of its own
//	ESC key                     that key with Alt
func readEscape(s *keys) (key, error) {
	c, err := s.ReadByte()
	for err == nil && c == 0x1b { // several are one
		c, err = s.ReadByte()
	}
	if err != nil {
		return key{}, err
	}
	switch c {
	case '[':
		return readSequence(s)
	case 'O':
		c, err := s.ReadByte()
		if c == interrupt {
			return key{name: "C-c"}, err
		}
		return key{name: finals[c]}.orUnknown(), err
	case 0x7f, 0x08:
		return key{name: "M-backspace"}, nil
	case '\r', '\n':
		return key{name: "M-enter"}, nil
	case interrupt:
		return key{name: "C-c"}, nil
	}
	if c >= utf8.RuneSelf {
		k, err := readRune(s, c)
		return key{name: "M-" + k.text}, err
	}
	return key{name: "M-" + string(rune(c))}, nil
}

func (k key) orUnknown() key {
	if k.name == "" {
		k.name = "unknown"
	}
	return k
}

var finals = [256]string{'A': "up", 'B': "down", 'C': "right", 'D': "left", 'H': "home", 'F': "end", 'M': "enter", 'Z': "S-tab"}

func tilde(number string) string {
	switch number {
	case "1", "7":
		return "home"
	case "4", "8":
		return "end"
	case "3":
		return "delete"
	case "5":
		return "pageup"
	case "6":
		return "pagedown"
	case "200":
		return "paste"
	}
	return ""
}

// maxSequence is how long a sequence may be; what is longer is none.
const maxSequence = 32

func readSequence(s *keys) (key, error) {
	var parameters []byte
	for {
		c, err := s.ReadByte()
		if err != nil {
			return key{}, err
		}
		if c == interrupt {
			return key{name: "C-c"}, nil
		}
		if c < 0x20 || len(parameters) > maxSequence {
			return key{name: "unknown"}, nil
		}
		if c < '@' || c == '[' { // "[[A" is a function key of the Linux console
			parameters = append(parameters, c)
			continue
		}
		number, modifier, _ := strings.Cut(string(parameters), ";")
		name := finals[c]
		if c == '~' {
			name = tilde(number)
		}
		if name == "paste" {
			return readPaste(s)
		}
		switch {
		case name == "":
		case modifier == "5":
			name = "C-" + name
		case modifier == "3" || modifier == "9":
			name = "M-" + name
		}
		return key{name: name}.orUnknown(), nil
	}
}

// pasteEnd is what a terminal sends behind what it pastes, maxPaste how many bytes
// of it are taken as one.
const (
	pasteEnd = "\x1b[201~"
	maxPaste = 16 << 20
)

// readPaste reads what is pasted, up to its end; lines end in newlines then.
func readPaste(s *keys) (key, error) {
	var b []byte
	for !bytes.HasSuffix(b, []byte(pasteEnd)) && len(b) < maxPaste {
		c, err := s.ReadByte()
		if err != nil {
			return key{}, err
		}
		b = append(b, c)
	}
	text := strings.TrimSuffix(string(b), pasteEnd)
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return key{"paste", strings.ReplaceAll(text, "\r", "\n")}, nil
}
