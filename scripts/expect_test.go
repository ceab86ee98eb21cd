package scripts

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// An expectation is what a .out or .err file says of the lines that a script prints, all of them,
// from the first to the last. A line of the file stands for itself, except:
//
//	~ RE                        a line that the whole of RE matches
//	? LINE                      LINE (itself, or ~ RE) or nothing
//	* LINE                      LINE any number of times
//	%together, %and, %end       the sequences between them, interleaved in any way, each in its own order:
//	                            what processes print that run at the same time
//	%or                         another expectation of the whole output
//	%not                        from here on: what the whole output must not be
//
// A plain run of lines is a block of one sequence.
type expectation struct{ either, not []output }

type output []block

type block [][]pattern

type pattern struct {
	source   string         // as written in the file
	re       *regexp.Regexp // nil: text is the line
	text     string
	optional bool
	repeated bool
}

func (p pattern) matches(line string) bool {
	if p.re != nil {
		return p.re.MatchString(line)
	}
	return p.text == line
}

func parsePattern(source string) (pattern, error) {
	p := pattern{source: source, text: source}
	if rest, ok := strings.CutPrefix(p.text, "? "); ok {
		p.text, p.optional = rest, true
	} else if rest, ok := strings.CutPrefix(p.text, "* "); ok {
		p.text, p.optional, p.repeated = rest, true, true
	}
	if rest, ok := strings.CutPrefix(p.text, "~ "); ok {
		re, err := regexp.Compile(`^(?:` + rest + `)$`)
		if err != nil {
			return pattern{}, err
		}
		p.re = re
	}
	return p, nil
}

func parseExpectation(file string) (expectation, error) {
	want := expectation{either: []output{nil}}
	outputs := &want.either
	together, plain := false, false // inside %together; the last block is a plain run
	for i, source := range splitLines(file) {
		fail := func(text string) (expectation, error) {
			return expectation{}, fmt.Errorf("line %d: %s: %q", i+1, text, source)
		}
		alternative := &(*outputs)[len(*outputs)-1]
		switch {
		case source == "%or" || source == "%not":
			if together {
				return fail("inside %together")
			}
			if source == "%not" {
				outputs = &want.not
			}
			*outputs, plain = append(*outputs, nil), false
		case source == "%together":
			if together {
				return fail("inside %together")
			}
			*alternative = append(*alternative, block{nil})
			together, plain = true, false
		case source == "%and" || source == "%end":
			if !together {
				return fail("outside %together")
			}
			b := &(*alternative)[len(*alternative)-1]
			if len((*b)[len(*b)-1]) == 0 {
				return fail("after an empty sequence")
			}
			if source == "%and" {
				*b = append(*b, nil)
			}
			together = source == "%and"
		case strings.HasPrefix(source, "%"):
			return fail("unknown marker")
		default:
			p, err := parsePattern(source)
			if err != nil {
				return fail(err.Error())
			}
			if !together && !plain {
				*alternative = append(*alternative, block{nil})
				plain = true
			}
			b := (*alternative)[len(*alternative)-1]
			b[len(b)-1] = append(b[len(b)-1], p)
		}
	}
	if together {
		return expectation{}, fmt.Errorf("%%together without %%end")
	}
	return want, nil
}

// check compares everything that was printed with what was expected. The error names the first line
// that no reading of the expectation could get past.
func (want expectation) check(output string) error {
	if output != "" && !strings.HasSuffix(output, "\n") {
		return fmt.Errorf("the last line is not ended: %q", output)
	}
	lines := splitLines(output)
	for _, refused := range want.not {
		m := matcher{lines: lines}
		if m.blocks(refused, 0) {
			return fmt.Errorf("this must not be")
		}
	}
	m := matcher{lines: lines}
	for _, alternative := range want.either {
		if m.blocks(alternative, 0) {
			return nil
		}
	}
	got := "the end"
	if m.furthest < len(m.lines) {
		got = fmt.Sprintf("%q", m.lines[m.furthest])
	}
	return fmt.Errorf("line %d: got %s, want %s", m.furthest+1, got, strings.Join(m.wanted, " or "))
}

// matcher tries every reading, with backtracking; outputs are a few lines long.
type matcher struct {
	lines    []string
	furthest int      // the furthest line that was looked at
	wanted   []string // what would have matched there
}

func (m *matcher) blocks(rest []block, at int) bool {
	if len(rest) == 0 {
		if at == len(m.lines) {
			return true
		}
		m.want(at, "the end")
		return false
	}
	return m.interleaved(rest[0], rest[1:], at)
}

func (m *matcher) interleaved(sequences block, after []block, at int) bool {
	done := true
	for i, sequence := range sequences {
		if len(sequence) == 0 {
			continue
		}
		done = false
		p := sequence[0]
		next := append(block(nil), sequences...)
		next[i] = sequence[1:]
		if at < len(m.lines) && p.matches(m.lines[at]) {
			if m.interleaved(next, after, at+1) || p.repeated && m.interleaved(sequences, after, at+1) {
				return true
			}
		} else {
			m.want(at, p.source)
		}
		if p.optional && m.interleaved(next, after, at) {
			return true
		}
	}
	return done && m.blocks(after, at)
}

func (m *matcher) want(at int, what string) {
	if at > m.furthest {
		m.furthest, m.wanted = at, nil
	}
	if at == m.furthest {
		what = fmt.Sprintf("%q", what)
		for _, w := range m.wanted {
			if w == what {
				return
			}
		}
		m.wanted = append(m.wanted, what)
	}
}

func splitLines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func TestExpectation(t *testing.T) {
	const together = "first\n%together\na1\na2\n%and\nb1\n%end\nlast\n"
	const optional = "a\n? ~ b+\nc\n"
	const repeated = "a\n* ~ b+\nc\n"
	const otherwise = "%together\na\n%and\nb\n%end\n%not\nb\na\n%or\nc\n"
	const either = "a\nb\n%or\n%together\nc\n%and\nd\n%end\n"
	for _, test := range []struct {
		want, got string
		ok        bool
	}{
		{"", "", true},
		{"", "\n", false},
		{"", "a\n", false},
		{"a\n", "", false},
		{"a\n", "a\n", true},
		{"a\n", "a", false}, // the last line is not ended
		{"a\n", "a\n\n", false},
		{"a\n", "a \n", false},
		{"a\n", "A\n", false},
		{"a.c\n", "abc\n", false},
		{"a\nb\n", "a\nb\n", true},
		{"a\nb\n", "b\na\n", false},
		{"a\nb\n", "a\n", false},
		{"a\nb\n", "a\nb\nb\n", false},
		{"a\n\nb\n", "a\n\nb\n", true},
		{"a\n\nb\n", "a\nb\n", false},

		{"~ a|bc\n", "a\n", true},
		{"~ a|bc\n", "bc\n", true},
		{"~ a|bc\n", "ac\n", false}, // the whole line, not a part of it
		{"~ a|bc\n", "abc\n", false},
		{"~ a|bc\n", "xa\n", false},
		{"~ .*\n", "a\nb\n", false},
		{"~ %end\n", "%end\n", true},

		{optional, "a\nc\n", true},
		{optional, "a\nbb\nc\n", true},
		{optional, "a\nb\nb\nc\n", false},
		{optional, "a\nx\nc\n", false},
		{"? a\na\n", "a\n", true},
		{"? a\n", "", true},
		{repeated, "a\nc\n", true},
		{repeated, "a\nb\nbb\nb\nc\n", true},
		{repeated, "a\nb\nx\nc\n", false},
		{repeated, "a\nb\n", false},

		{together, "first\na1\na2\nb1\nlast\n", true},
		{together, "first\na1\nb1\na2\nlast\n", true},
		{together, "first\nb1\na1\na2\nlast\n", true},
		{together, "first\na2\na1\nb1\nlast\n", false}, // a sequence keeps its order
		{together, "first\na1\na2\nlast\n", false},
		{together, "first\na1\na2\nlast\nb1\n", false},
		{together, "first\na1\na2\nb1\nb1\nlast\n", false},
		{together, "a1\nfirst\na2\nb1\nlast\n", false},
		{"%together\n? a\n%and\nb\n%end\n", "b\n", true},
		{"%together\n? a\n%and\nb\n%end\n", "b\na\n", true},
		{"%together\n? a\n%and\nb\n%end\n", "a\n", false},
		{"%together\na\n%and\n~ .\n%end\nc\n", "a\nb\nc\n", true}, // needs a second try
		{"%together\n~ .\n%and\na\n%end\nc\n", "a\nb\nc\n", true},

		{otherwise, "a\nb\n", true},
		{otherwise, "b\na\n", false},
		{otherwise, "c\n", false},

		{either, "a\nb\n", true},
		{either, "d\nc\n", true},
		{either, "a\nd\n", false},
		{either, "a\nb\nc\nd\n", false},
	} {
		want, err := parseExpectation(test.want)
		if err != nil {
			t.Errorf("%q: %v", test.want, err)
			continue
		}
		err = want.check(test.got)
		if (err == nil) != test.ok {
			t.Errorf("expected %q, printed %q: got %v, want a match: %v", test.want, test.got, err, test.ok)
		}
	}
}

func TestExpectationThatCannotBeRead(t *testing.T) {
	for _, file := range []string{
		"%together\na\n",
		"%together\n%end\n",
		"%together\na\n%and\n%end\n",
		"%together\na\n%together\nb\n%end\n%end\n",
		"%together\na\n%or\nb\n%end\n",
		"%end\n",
		"%and\n",
		"%togehter\na\n%end\n",
		"~ (\n",
		"? ~ (\n",
	} {
		if want, err := parseExpectation(file); err == nil {
			t.Errorf("%q: got %v, want an error", file, want)
		}
	}
}

func TestMismatchNamesTheLine(t *testing.T) {
	for _, test := range []struct{ want, got, text string }{
		{"a\nb\n", "a\nc\n", `line 2: got "c", want "b"`},
		{"a\n~ b+\n", "a\n", `line 2: got the end, want "~ b+"`},
		{"a\n", "a\nb\n", `line 2: got "b", want "the end"`},
		{"a\n%together\nb\n%and\nc\n%end\n", "a\nx\n", `line 2: got "x", want "b" or "c"`},
	} {
		want, err := parseExpectation(test.want)
		if err != nil {
			t.Fatal(err)
		}
		err = want.check(test.got)
		if err == nil || err.Error() != test.text {
			t.Errorf("expected %q, printed %q: got %v, want %s", test.want, test.got, err, test.text)
		}
	}
}

// The expected files themselves must refuse what would be wrong: tasks that ran one after another
// where they should run together, a child that had the parent's memory, a child that came back to life.
func TestExpectedFilesRefuse(t *testing.T) {
	const started = "子进程1 is running.\n子进程2 is running.\n子进程3 is running.\n"
	const ended = "子进程1 is done.\n子进程2 is done.\n子进程3 is done.\n"
	const serial = "子进程1 is running.\n子进程1 is done.\n子进程2 is running.\n子进程2 is done.\n子进程3 is running.\n子进程3 is done.\n"
	for _, test := range []struct {
		file, got string
		ok        bool
	}{
		{"join_concurrent.out", started + ended + "主\t3\n", true},
		{"join_concurrent.out", started + ended + "主\t3.0151679515839\n", true},
		{"join_concurrent.out", started + ended + "主\t4.4\n", true},
		{"join_concurrent.out", "子进程2 is running.\n子进程1 is running.\n子进程3 is running.\n" + ended + "主\t3.1\n", true},
		{"join_concurrent.out", started + ended + "主\t2.9999\n", false},
		{"join_concurrent.out", started + ended + "主\t4.5\n", true},
		{"join_concurrent.out", started + ended + "主\t6.0\n", true},
		{"join_concurrent.out", started + ended + "主\t30.1\n", true},
		{"join_concurrent.out", started + ended + "主\t3e-05\n", false},
		{"join_concurrent.out", started + ended + "主 3.1\n", false},
		{"join_concurrent.out", started + ended + "主\n", false},
		{"join_concurrent.out", "主\t3.1\n" + started + ended, false},
		{"join_concurrent.out", serial + "主\t3.1\n", false},
		{"join_concurrent.out", "子进程1 is running.\n子进程2 is running.\n子进程1 is done.\n子进程3 is running.\n子进程2 is done.\n子进程3 is done.\n主\t4.2\n", true},
		{"join_loop.out", started + ended + "主\t3.0151679515839\n", true},
		{"join_loop.out", serial + "主\t6.01\n", false},
		{"join_serial.out", serial + "主\t6.0151679515839\n", true},
		{"join_serial.out", serial + "主\t5.9\n", false},
		{"join_serial.out", serial + "主\t7.6\n", true},
		{"join_serial.out", started + ended + "主\t6.1\n", false},
		{"isolated_memory.out", "子进程内:\t0\n主进程内:\t100\n", true},
		{"isolated_memory.out", "子进程内:\t0\n主进程内:\t0\n", false},
		{"terminate.out", "true\n开始\nfalse\n", true},
		{"terminate.out", "true\n开始\ntrue\n", true},
		{"terminate.out", "false\n开始\nfalse\n", true},
		{"terminate.out", "Piao-1 is piaoing\nfalse\n开始\nfalse\n", true},
		{"terminate.out", "true\nPiao-1 is piaoing\n开始\nfalse\n", true},
		{"terminate.out", "false\n开始\ntrue\n", false},
		{"terminate.out", "true\n开始\nfalse\nPiao-1 is piao end\n", false},
		{"name_pid.out", "Piao-1\n开始\n4711\negon is piaoing\negon is piao end\n", true},
		{"name_pid.out", "Piao-1\n开始\nnil\negon is piaoing\negon is piao end\n", false},
		{"name_pid.out", "Piao-1\n开始\n4711\nPiao-1 is piaoing\nPiao-1 is piao end\n", false},
		{"name_pid.out", "egon\n开始\n4711\negon is piaoing\negon is piao end\n", false},
	} {
		file, err := os.ReadFile(test.file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := parseExpectation(string(file))
		if err != nil {
			t.Fatalf("%s: %v", test.file, err)
		}
		err = want.check(test.got)
		if (err == nil) != test.ok {
			t.Errorf("%s, printed %q: got %v, want a match: %v", test.file, test.got, err, test.ok)
		}
	}
}
