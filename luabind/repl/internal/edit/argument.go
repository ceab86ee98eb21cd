package edit

import (
	"fmt"
	"strings"

	"luaspawn/luabind/repl/internal/luatext"
)

// argument is how often the next key is to be done: Alt with a digit, or with a minus,
// and further digits.
type argument struct {
	given    bool
	negative bool
	digits   bool
	n        int
}

// maxArgument is the greatest one.
const maxArgument = 9999

// add says whether k belongs to the argument.
func (a *argument) add(k key) bool {
	c, alt := k.text, false
	if k.name != "" {
		c, alt = strings.CutPrefix(k.name, "M-")
	}
	switch {
	case alt && c == "-" && !a.given:
		*a = argument{given: true, negative: true}
	case (alt || k.name == "" && a.given) && len(c) == 1 && '0' <= c[0] && c[0] <= '9':
		a.given, a.digits = true, true
		a.n = min(a.n*10+int(c[0]-'0'), maxArgument)
	default:
		return false
	}
	return true
}

// prompt is shown while an argument is typed.
func (a *argument) prompt() string {
	switch {
	case !a.given:
		return ""
	case !a.digits:
		return "(arg: -) "
	case a.negative:
		return fmt.Sprintf("(arg: -%d) ", a.n)
	}
	return fmt.Sprintf("(arg: %d) ", a.n)
}

// opposites are the keys that do what another does backwards.
var opposites = map[string]string{
	"left": "right", "right": "left", "C-b": "C-f", "C-f": "C-b",
	"M-f": "M-b", "M-b": "M-f", "C-left": "C-right", "C-right": "C-left", "M-left": "M-right", "M-right": "M-left",
	"backspace": "delete", "delete": "backspace", "C-d": "backspace",
	"C-k": "C-u", "C-u": "C-k", "M-d": "M-backspace", "M-backspace": "M-d",
	"up": "down", "down": "up", "C-p": "C-n", "C-n": "C-p",
	"M-u": "before M-u", "M-l": "before M-l", "M-c": "before M-c",
}

// of returns the key that is to be done n times for the key name.
func (a *argument) of(name string) (key string, n int) {
	n = a.n
	if !a.digits {
		n = 1
	}
	if opposite := opposites[name]; a.negative && opposite != "" {
		return opposite, n
	}
	return name, n
}

// lastArgument is what Alt-. has inserted just now.
type lastArgument struct {
	inserted bool
	entry    int // of the history
	start    int // where it is
}

// insertArgument inserts the last operand of the entry before, or, of an argument n, its
// operand n, 0 being the first; once more, that of the entry before that one.
func (e *Editor) insertArgument(last lastArgument, count argument) {
	b := &e.buffer
	entry, start := e.at, b.at
	if last.inserted {
		entry, start = last.entry, last.start
	}
	for entry--; entry >= 0; entry-- {
		operands := luatext.Operands(e.History.At(entry))
		i := len(operands) - 1
		if count.digits && !count.negative {
			i = count.n
		}
		if i < 0 || i >= len(operands) {
			continue
		}
		b.replace(start, operands[i])
		e.arg = lastArgument{true, entry, start}
		return
	}
	e.arg = last // none before
}
