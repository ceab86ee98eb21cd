//go:build unix

package repl_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"luaspawn/luabind/repl/internal/vt"
)

// Whoever prints while lines are typed, and however, begins each of its lines at the
// left edge: no line feed comes without a carriage return.
func TestLineFeeds(t *testing.T) {
	t.Parallel()
	batches := 40
	if testing.Short() {
		batches = 10
	}
	end := regexp.MustCompile(`last\r*\n`)
	for name, source := range map[string]string{
		"a child":                     "p = Process{target = function() work(4000) end} p:start()",
		"a child of a child":          "p = Process{target = function() local q = Process{target = work, args = {4000}} q:start() q:join() end} p:start()",
		"a child that writes pieces":  "p = Process{target = function() for i = 1, 2000 do io.write(i, '\\n', i) end work(1) end} p:start()",
		"a command in the background": "os.execute('(echo c; seq 3000; echo la\"\"st) &')",
		"a command with a pipe":       "f = io.popen('echo c; seq 3000; echo la\"\"st; cat', 'w')",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := open(t, setup{})
			term.expect(`> `)
			term.send("function work(n) for i = 1, n do print('c', i) end print('la' .. 'st') end\r")
			term.send(source + "\r")
			for i := range batches { // lines that are read one by one, and many at once
				term.send(strings.Repeat("x = 1\r", 10) + fmt.Sprintf("'at' .. %d\r", i))
				term.until("answer", func(*vt.Screen) bool { return strings.Contains(term.raw.String(), fmt.Sprintf(`"at%d"`, i)) })
			}
			term.until("end of the output", func(*vt.Screen) bool { return end.MatchString(term.raw.String()) })
			// While a line is evaluated the terminal takes Ctrl-D for the end of a line, and gives the prompt a 0.
			// And of a process that still runs it asks what is to become of that.
			term.send("(function() if p then p:join() end return 'joi' .. 'ned' end)()\r")
			term.until("prompt", func(*vt.Screen) bool {
				_, after, joined := strings.Cut(term.raw.String(), `"joined"`)
				return joined && strings.Contains(after, "> ")
			})
			term.send("\x04")
			term.end(0)
			raw := term.output()
			if bare := strings.Count(raw, "\n") - strings.Count(raw, "\r\n"); bare > 0 {
				t.Errorf("%d of %d line feeds have no carriage return", bare, strings.Count(raw, "\n"))
			}
		})
	}
}
