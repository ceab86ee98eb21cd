package strlib

// set holds what a character class or a set in brackets matches.
type set [256]bool

// The classes of C's <ctype.h> in the C locale.

func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isLower(c byte) bool    { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool    { return 'A' <= c && c <= 'Z' }
func isAlpha(c byte) bool    { return isLower(c | 0x20) }
func isAlnum(c byte) bool    { return isAlpha(c) || isDigit(c) }
func isSpace(c byte) bool    { return c == ' ' || '\t' <= c && c <= '\r' }
func isControl(c byte) bool  { return c < ' ' || c == 0x7f }
func isPunct(c byte) bool    { return '!' <= c && c <= '~' && !isAlnum(c) }
func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
func isZero(c byte) bool     { return c == 0 }

// classTest returns what the class %letter tests, for a lower-case letter; nil
// if there is no such class.
func classTest(letter byte) func(byte) bool {
	switch letter {
	case 'a':
		return isAlpha
	case 'c':
		return isControl
	case 'd':
		return isDigit
	case 'l':
		return isLower
	case 'p':
		return isPunct
	case 's':
		return isSpace
	case 'u':
		return isUpper
	case 'w':
		return isAlnum
	case 'x':
		return isHexDigit
	case 'z':
		return isZero
	}
	return nil
}

// classes keeps the sets of the classes that were used, by their letters. They
// aren't made when the program starts: that takes longer than most patterns need.
type classes ['z' + 1]*set

// get returns the set of %c; nil if c names none and stands for itself.
func (k *classes) get(c byte) *set {
	if !isAlpha(c) {
		return nil
	}
	test := classTest(c | 0x20)
	if test == nil || k[c] != nil {
		return k[c]
	}
	s := new(set)
	for i := range s {
		s[i] = test(byte(i)) == isLower(c)
	}
	k[c] = s
	return s
}

// parseSet makes the set that body describes: what stands behind an opening
// bracket, with the closing one. That one is looked at only where '%' stands
// before it, as the end of a range: "[a-%%]".
func (k *classes) parseSet(body string) *set {
	s := new(set)
	complement := body[0] == '^'
	if complement {
		body = body[1:]
	}
	end := len(body) - 1
	for i := 0; i < end; i++ {
		switch c := body[i]; {
		case c == '%':
			i++
			if members := k.get(body[i]); members != nil {
				for j, in := range members {
					s[j] = s[j] || in
				}
			} else {
				s[body[i]] = true
			}
		case i+2 < end && body[i+1] == '-':
			for j := int(c); j <= int(body[i+2]); j++ {
				s[j] = true
			}
			i += 2
		default:
			s[c] = true
		}
	}
	if complement {
		for i := range s {
			s[i] = !s[i]
		}
	}
	return s
}

// setEnd returns the index behind the bracket that closes the set which begins
// at i, behind its opening bracket; 0 if none does.
func setEnd(p string, i int) int {
	if i < len(p) && p[i] == '^' {
		i++
	}
	// The first character belongs to the set, be it a closing bracket.
	for i < len(p) {
		c := p[i]
		i++
		if c == '%' && i < len(p) {
			i++
		}
		if i < len(p) && p[i] == ']' {
			return i + 1
		}
	}
	return 0
}
