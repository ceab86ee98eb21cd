package luatext

import "strings"

// Step is how much deeper what is in a block or in brackets is indented.
const Step = "  "

// Indent returns what a line behind text is to be indented with: inside is for a line
// of the innermost block or brackets that are open there, closing for one that begins
// with what closes them.
//
//	for i = 1, 3 do      opens a block
//	  f(i,               the line of an open bracket: two deeper
//	    1)               closes it: as the line that has opened it
//
// Inside of a string or a comment of several lines nothing is indented.
func Indent(text string) (inside, closing string) {
	text = strings.TrimRight(text, " \t\n")
	var open []opener
	line := 0
	for _, t := range Tokens(text) {
		piece := text[t.Start:t.End]
		switch {
		case t.Open && t.End == len(text):
			return "", ""
		case t.Kind == Keyword && opens(piece), t.Kind == Symbol && strings.Contains("([{", piece):
			open = append(open, opener{line, -1})
		case t.Kind == Keyword && closes(piece), t.Kind == Symbol && strings.Contains(")]}", piece):
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
			if piece == "else" {
				open = append(open, opener{line, -1})
			}
		}
		if i := strings.LastIndexByte(piece, '\n'); i >= 0 {
			line = t.Start + i + 1
			if n := len(open) - 1; n >= 0 && open[n].first < 0 {
				open[n].first = line
			}
		}
	}
	if len(open) == 0 {
		inside = indentation(text[line:])
		return inside, inside
	}
	outer := open[len(open)-1]
	closing = indentation(text[outer.line:])
	if outer.first < 0 {
		return closing + Step, closing
	}
	return indentation(text[outer.first:]), closing
}

// opener is a block or a bracket that is open.
type opener struct {
	line  int // where the line begins that opens it
	first int // where the first line in it begins; -1: there is none yet
}

// opens says whether a keyword begins a block. A for and a while do so by their do.
func opens(word string) bool {
	return word == "function" || word == "do" || word == "then" || word == "repeat"
}

// closes says whether a keyword ends a block; else and elseif begin another one.
func closes(word string) bool {
	return word == "end" || word == "until" || word == "else" || word == "elseif"
}

// Closes says whether a line that begins with word, a word or a symbol, closes what is
// open before it.
func Closes(word string) bool {
	return closes(word) || word == "}" || word == ")" || word == "]"
}

func indentation(line string) string {
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}
