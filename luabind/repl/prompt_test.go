//go:build unix

package repl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"luaspawn/luabind/repl/internal/vt"
)

const banner = `luaspawn .*, Lua 5\.1; help\(\) says what there is, Ctrl-D leaves\n`

func TestBannerAndPrompt(t *testing.T) {
	t.Parallel()
	term := open(t, setup{})
	term.expect(`\A` + banner + `> `)
	term.send("1 + 1\r")
	term.expect(`\A` + banner + `> 1 \+ 1\n2\n> `)
	term.send("\x04")
	term.end(0)
}

func TestAfterScript(t *testing.T) {
	t.Parallel()
	term := open(t, setup{args: []string{"-i", "script.lua", "arg 1"}, files: map[string]string{"script.lua": "x = arg[1]\nprint('script')"}})
	term.expect(banner + `script\n> `)
	term.line("x", `"arg 1"\n`)
	term.send("os.exit(7)\r")
	term.end(7)

	term = open(t, setup{args: []string{"-i", "script.lua"}, files: map[string]string{"script.lua": "local function f() error('boom') end\nf()"}})
	term.expect(`script.lua:1: boom\nstack traceback:\n\s+script.lua:1: in function 'f'\n\s+script.lua:2: in main chunk\n> `)
	term.line("2 * 21", `42\n`)
}

func TestEvaluating(t *testing.T) {
	t.Parallel()
	term := open(t, setup{width: 130, height: 60})
	term.expect(`> `)
	for _, test := range [][2]string{
		{`= 6 * 7`, `42\n`},
		{`1, 'a', nil`, `1\s+"a"\s+nil\n`},
		{`_`, `1\n`},
		{`local n = 1`, ``},
		{`local function inc() n = n + 1 return n end`, ``},
		{`inc(), inc(), n`, `2\s+3\s+3\n`},
		{`n = 10`, ``},
		{`inc()`, `11\n`},
		{`{1, {2, x = 'y\n'}, print = print}`, `{1, {2, x = "y\\n"}, print = function: builtin: 0x\w+}\n`},
		{`local t = {} t.t = t`, ``},
		{`t`, `{t = <cycle>}\n`},
		{`'\27[31m\0'`, `"\\27\[31m\\0"\n`},
		{`setmetatable({}, {__tostring = function() error('bad') end})`, `<table: 0x\w+: its __tostring failed: stdin:1: bad> {}\n`},
		{`setmetatable({5}, {__tostring = function() while true do end end, __index = error})`, `<table: 0x\w+: its __tostring failed: it takes longer than 1s> \{5\}\n`},
		{`error('no\27[2J')`, `stdin:1: no\\27\[2J\n`},
		{`error({code = 5})`, `error: {code = 5}\n`},
		{`x = = 1`, `stdin:1: unexpected symbol near '='\n`},
		{`function a() error('deep') end function b() a() end`, ``},
		{`b()`, `stdin:1: deep\nstack traceback:\n\s+stdin:1: in function 'a'\n\s+stdin:1: in function <stdin:1>\n`},
		{`io.write('no newline')`, `no newline\ntrue\n`},
		{`io.write('no newline') return`, `no newline\n`},
		{`if os.execute('printf no-newline') then end`, `no-newline\n`},
		{`f = io.popen('cat', 'w')`, ``}, // which is open until it is closed
		{`f:write('kept\n') and f:close()`, `kept\ntrue\n`},
	} {
		term.line(test[0], test[1])
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	term := open(t, setup{})
	term.expect(`> `)
	term.send("function f(a)\rreturn a\rend\r")
	term.expect(`> function f\(a\)\n>> return a\n>> end\n> `)
	term.send("\x1b[A") // all three lines again
	term.expect(`> function f\(a\)\n>> return a\n>> end\n> function f\(a\)\n>> return a\n>> end`)
	term.send("\x1b[A\x05 * 2\r") // to the second line, its end
	term.expect(`> function f\(a\)\n>> return a \* 2\n>> end\n> `)
	term.line("f(4)", `8\n`)
	term.send("s = [[one\rtwo]]\r")
	term.expect(`>> two\]\]\n> `)
	term.line("s", `"one\\ntwo"\n`)

	// Emacs keys: begin, kill, yank, undo, words, characters.
	term.send("'b' .. 'a'\x01\x0b\x19\x1f\x19\x1bb\x1bb\x04z\x02\x06\x05\r")
	term.expect(`> 'z' \.\. 'a'\n"za"\n> `)
	term.send("xyz\x17('ab'):rep(2\x05)\r")
	term.expect(`> \('ab'\):rep\(2\)\n"abab"\n> `)

	// Wide characters.
	term.send("'中文'\x1b[D\x1b[D\x7f国\r")
	term.expect(`> '国文'\n"国文"\n> `)

	// Reverse search.
	term.send("\x12rep")
	term.see("\\(search\\) `rep': ")
	term.send("\x03")
	term.expect(`>\n> `)
	term.send("\x12f(\x12")
	term.see("\\(search\\) `f\\(': function f")
	term.send("\x07f(5)\r")
	term.expect(`> f\(5\)\n10\n> `)
}

func TestKeepsHistory(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	one := open(t, setup{state: state})
	two := open(t, setup{state: state})
	one.expect(`> `)
	two.expect(`> `)
	one.line("'from one'", `"from one"\n`)
	two.line("'from two'", `"from two"\n`)
	one.line("'again'", `"again"\n`)
	two.line("'from two'", `"from two"\n`)
	two.send("if true then\rprint('many')\rend\r")
	two.expect(`>> end\nmany\n> `)
	file := filepath.Join(state, "luaspawn", "history")
	want := "'from one'\n'from two'\n'again'\n'from two'\nif true then\\nprint('many')\\nend\n"
	if b, err := os.ReadFile(file); err != nil || string(b) != want {
		t.Errorf("the history is %q, %v", b, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	three := open(t, setup{state: state})
	three.expect(`> `)
	three.send("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A")
	three.expect(`> 'again'`)
}

func TestHistoryThatCannotBeRead(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	if err := os.WriteFile(filepath.Join(state, "luaspawn"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	term := open(t, setup{state: state})
	term.expect(`\Aluaspawn: warning: history: .*\n(.*\n)?` + banner + `> `)
	term.line("1", `1\n`)
	term.send("\x1b[A")
	term.expect(`> 1`)
	term.send("\r")
	term.expect(`> 1\n1\n> 1\n1\n> `)
}

func TestHugeHistory(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	var b strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&b, "print('line %d of a long history')\n", i)
	}
	os.Mkdir(filepath.Join(state, "luaspawn"), 0o700)
	if err := os.WriteFile(filepath.Join(state, "luaspawn", "history"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	term := open(t, setup{state: state})
	term.expect(`> `)
	term.send("\x1b[A")
	term.expect(`> print\('line 99999 of a long history'\)`)
	term.send("\x12line 17 ")
	term.see("line 17 ': print\\('line 17 of")
	term.send("\r")
	term.see(`^line 17 of a long history`)
}

func TestPaste(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := 1; i <= 100; i++ {
		lines = append(lines, fmt.Sprintf("sum = (sum or 0) + %d -- 第 %d 行", i, i))
	}
	text := strings.Join(lines, "\r") + "\r"
	t.Run("in brackets", func(t *testing.T) {
		t.Parallel()
		term := open(t, setup{})
		term.expect(`> `)
		term.send("\x1b[200~" + text + "\x1b[201~")
		term.see(`第 100 行`)
		term.send("\r")
		term.expect(`\n> `)
		term.line("sum", `5050\n`)
		// It was one input.
		term.send("\x1b[A\x1b[A")
		term.see(`>> sum = \(sum or 0\) \+ 100`)
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		term := open(t, setup{})
		term.expect(`> `)
		term.send(text + "sum\r")
		term.expect(`5050\n> `)
	})
	t.Run("a session", func(t *testing.T) {
		t.Parallel()
		term := open(t, setup{})
		term.expect(`> `)
		term.send("\x1b[200~local x = 20\rx\rx + 1\rfunction f()\rreturn x * 2\rend\rf()\x1b[201~\r")
		term.expect(`>> f\(\)\n20\n21\n40\n> `)
	})
}

func TestColours(t *testing.T) {
	t.Parallel()
	term := open(t, setup{})
	term.expect(`> `)
	term.line("local x = 'a' error('b')", `stdin:1: b\n`)
	if raw := term.output(); !strings.Contains(raw, "\x1b[35mlocal\x1b[0m x = \x1b[32m'a'\x1b[0m") || !strings.Contains(raw, "\x1b[31mstdin:1: b\x1b[0m") {
		t.Errorf("no colours in %q", raw)
	}
	term = open(t, setup{env: []string{"NO_COLOR=1"}})
	term.expect(`> `)
	term.line("local x = 'a' error('b')", `stdin:1: b\n`)
	if len(term.screen.Styles) > 0 {
		t.Errorf("colours in spite of NO_COLOR: %v", term.screen.Styles)
	}
}

func TestDumb(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"TERM=dumb", "TERM="} {
		term := open(t, setup{env: []string{env}})
		term.expect(`> `)
		term.line("1 + 1", `2\n`)
		term.send("print('be' .. 'gun') while true do end\r")
		term.interrupt(`^begun$`)
		term.expect(`interrupted\n> `)
		term.send("half a line\x03")
		term.expect(`\^C\n> `)
		term.line("'on'", `"on"\n`)
		if strings.Contains(term.output(), "\x1b") {
			t.Errorf("escape codes in %q", term.output())
		}
		term.send("\x04")
		term.end(0)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	term := open(t, setup{width: 130, height: 24})
	term.expect(`> `)
	term.send("not wanted\x03")
	term.expect(`> not wanted\n> `)
	for _, source := range []string{
		"print('be' .. 'gun') while true do end",
		"print('be' .. 'gun') pcall(function() while true do end end)",
		"print('be' .. 'gun') Process.sleep(1000)",
		"print('be' .. 'gun') io.read()",
		"server = require('socket').bind('127.0.0.1', 0) print('be' .. 'gun') server:accept()",
		"print('be' .. 'gun') require('multiprocessing').Event():wait()",
		"print('be' .. 'gun') while true do os.execute('sleep 1000') end",
		"p = Process{daemon = true, target = function() print('be' .. 'gun') Process.sleep(1000) end} p:start() p:join()",
	} {
		term.send(source + "\r")
		term.interrupt(`^begun$`)
		term.expect(`begun\n\^C\ninterrupted\n> `)
		term.send("\x0c") // an empty screen for the next one
		term.until("empty screen", func(s *vt.Screen) bool { return s.Lines()[0] == ">" })
	}
	term.send("io.read()\rtyped\r")
	term.expect(`io\.read\(\)\n(typed\n)?"typed"\n> `) // without an echo if typed before it ran
}

// What is waited for is interrupted, what isn't goes on.
func TestInterruptSpares(t *testing.T) {
	t.Parallel()
	term := open(t, setup{})
	term.expect(`> `)
	term.send("function work() print('ready') Process.sleep(1000) end\r")
	term.send("a, b = Process{target = work, daemon = true}, Process{target = work, daemon = true} a:start() b:start()\r")
	term.see(`ready\n(.*\n)*ready`)
	// Whether it waits already can't be seen from outside.
	for try := 1; !strings.Contains(term.text(), "ended true"); try++ {
		term.send(fmt.Sprintf("print('waiting' .. %d) a:join()\r", try))
		term.interrupt(fmt.Sprintf(`^waiting%d$`, try))
		term.see(fmt.Sprintf(`^waiting%d\n(\^C\n(interrupted\n)?)?> `, try))
		term.send(fmt.Sprintf("a:join(1) print('try' .. %d, a:is_alive() or 'ended ' .. tostring(b:is_alive()))\r", try))
		term.see(fmt.Sprintf(`^try%d`, try))
	}
	term.line("a.exitcode", `-2\n`)
	term.send("b:terminate()\r")
}

// A child that was started a moment ago, and isn't waited for, goes on as any other.
func TestInterruptSparesTheNewest(t *testing.T) {
	t.Parallel()
	term := open(t, setup{width: 130, height: 24})
	term.expect(`> `)
	term.line("list = {}", "")
	for i := range 3 {
		term.send("for i = 1, 8 do list[#list + 1] = Process{target = Process.sleep, args = {1000}, daemon = true} list[#list]:start() end " +
			fmt.Sprintf("print('be' .. 'gun%d') while true do end\r", i))
		term.interrupt(fmt.Sprintf(`^begun%d$`, i))
		term.expect(`\^C\ninterrupted\n> `)
	}
	term.line("#require('multiprocessing').wait(list, 0.2), #list", `0\s+24\n`)
}

// A Ctrl-C says who waited for whom, where the run waited itself and somebody did for more than a second.
func TestInterruptSaysWhoWaits(t *testing.T) {
	t.Parallel()
	term := open(t, setup{width: 130, height: 60})
	term.expect(`> `)
	term.send("q = require('multiprocessing').Queue()\r")
	term.send("p = Process{target = function() print('re' .. 'ady') q:get() end, name = 'reader', daemon = true} p:start()\r")
	term.see(`^ready`)
	const report = `what 2 processes do:\n +MainProcess \(\d+\) +has waited [^\n]*\n +reader \(\d+\) +has waited [^\n]* for an item of Queue [^\n]*\n`
	// How long the child has waited can't be seen from outside.
	reported := regexp.MustCompile(`(?m)^interrupted\n` + report)
	for try := 1; !reported.MatchString(term.text()); try++ {
		term.send(fmt.Sprintf("Process.sleep(0.3) print('waiting' .. %d) Process.sleep(1000)\r", try))
		term.interrupt(fmt.Sprintf(`^waiting%d$`, try))
		term.see(fmt.Sprintf(`^waiting%d\n\^C\ninterrupted\n(.*\n)*> `, try))
	}
	term.send("print('busy' .. 1) while true do end\r")
	term.interrupt(`^busy1$`)
	term.expect(`^busy1\n\^C\ninterrupted\n> `)
	term.send("print('joining' .. 1) p:join()\r")
	term.interrupt(`^joining1$`)
	term.expect(`^joining1\n\^C\ninterrupted\n(` + report + `DEADLOCK: (.*\n)*)?> `) // it may not have waited yet
	term.send("\x03")
}

var running = regexp.MustCompile(`\(pid (\d+)\)`)

func TestLeaving(t *testing.T) {
	t.Parallel()
	begin := func() (*terminal, int) {
		term := open(t, setup{width: 130, height: 24})
		term.expect(`> `)
		term.send("d = Process{target = Process.sleep, args = {1000}, daemon = true} d:start()\r")
		term.send("p = Process{target = function() Process.sleep(1000) end, name = 'worker'} p:start()\r")
		term.expect(`'worker'} p:start\(\)\n> `)
		term.send("\x04")
		term.expect(`still running: worker \(pid \d+\)\nleave\? w: wait for them, t or Ctrl-D: terminate them, Enter: stay`)
		pid, _ := strconv.Atoi(running.FindStringSubmatch(term.text())[1])
		return term, pid
	}
	term, pid := begin()
	term.send("\r")
	term.expect(`\n> `)
	term.line("p:is_alive()", `true\n`)
	term.send("\x04\x04")
	term.end(0)
	if alive(pid) {
		t.Errorf("process %d is alive", pid)
	}

	term, _ = begin()
	term.send("w")
	term.see(`stay w$`)
	term.send("\x03") // not that long
	term.expect(`\n> `)
	term.send("p:terminate() p:join() os.exit(3)\r")
	term.end(3)
}

// What children print while a line is edited stands above it, whole.
func TestPrintsAbove(t *testing.T) {
	t.Parallel()
	term := open(t, setup{width: 40, height: 10, files: map[string]string{"go": ""}})
	term.expect(`> `)
	term.send("p = Process{target = function() while io.open('go') do Process.sleep(0.01) end " +
		"for i = 1, 3 do print('child ' .. i) end io.write('rest') end} p:start()\r")
	term.expect(`p:start\(\)\n> `)
	term.send("print('a line that is longer than the screen 中文中文中文'")
	term.see(`中文'$`)
	if err := os.Remove(filepath.Join(term.dir, "go")); err != nil {
		t.Fatal(err)
	}
	term.expect(`\nchild 1\nchild 2\nchild 3\nrest\n> print\('a line that is longer than the ?\nscreen 中文中文中文'`)
	term.send(")\r")
	term.expect(`中文'\)\na line that is longer than the screen 中文\n中文中文\n> |中文\n> `)
}

func TestJobs(t *testing.T) {
	t.Parallel()
	term := open(t, setup{width: 150, height: 24})
	term.expect(`> `)
	term.line("jobs()", `no processes\n`)
	term.send("a = Process{target = Process.sleep, args = {1000}, name = 'sleeper', daemon = true} a:start()\r")
	term.send("b = Process{target = os.exit, args = {5}} b:start() b:join()\r")
	term.expect(`join\(\)\n> `)
	term.line("jobs()", `NUMBER +NAME +PID +STATE +EXIT CODE +AGE\n`+
		`1 +sleeper +\d+ +running, daemon +\d+\.\d s\n`+
		`2 +Process-2 +\d+ +ended +5 +\d+\.\d s\n`)
	term.line("jobs(true)", `NUMBER.*\n1 .*\n2 .*\nwhat 2 processes do:\n +MainProcess \(\d+\) +runs, [^\n]*\n +sleeper \(\d+\) +[^\n]*\n`)
	term.line("jobs()[1] == a, jobs()[2].exitcode, jobs()[2]:is_alive()", `true\s+5\s+false\n`)
	term.line("Process{target = Process.sleep, args = {1000}, daemon = true}:start()", "")
	term.line("jobs()[3]:kill() jobs()[3]:join()", "")
	term.line("tostring(jobs()):match('Process.3.*ended, daemon.*9')", `"Process-3 .*"\n`)
	// The list is a value as others: it may be there when a process starts.
	term.line("list = jobs() c = Process{target = function() print(list[1].name, _ ~= nil) end} c:start() c:join()", `sleeper\s+true\n`)
	if testing.Short() {
		return // more starts than all else here
	}
	term.line("for i = 1, 105 do c = Process{} c:start() c:join() end collectgarbage()", "")
	term.line("jobs()[50]:kill(), jobs()[50]:join(), jobs()[50].exitcode, jobs()[2]", `nil\s+nil\s+0\s+nil\n`)
}

// The class of the document, typed line by line.
func TestClassExample(t *testing.T) {
	t.Parallel()
	term := open(t, setup{})
	term.expect(`> `)
	for _, line := range strings.Split(strings.TrimSpace(`
local Process = require("multiprocessing").Process
local time = require "time"
local Piao = Process:subclass("Piao")
function Piao:initialize(name)
  self.name = name
  Process.initialize(self)
  self.name = name
end
function Piao:run()
  print(self.name .. " is piaoing")
  time.sleep(1000)
  print(self.name .. " is piao end")
end
local p = Piao("egon")
p:start()`), "\n") {
		term.send(line + "\r")
	}
	term.see(`^egon is piaoing`)
	term.send("p\r")
	term.see(`^<Piao name='egon' pid=\d+ parent=\d+ started>`)
	term.send("p:terminate()\rp:join()\rp.exitcode, p:is_alive()\r")
	term.see(`^-15\s+false\n> `)
}

func TestHelp(t *testing.T) {
	t.Parallel()
	term := open(t, setup{height: 60, width: 130})
	term.expect(`> `)
	term.send("help()\r")
	term.see(`A local at the top level stays`)
	term.line("help 'names'", `(.*\n)*multiprocessing: Process Parent current_process(.*\n)*`)
	term.line("help 'keys'", `Enter +runs(.*\n)*`)
	term.line("help", `function help\(\[what\]\): what there is.*\n`)
	term.line("jobs", `function jobs\(\[waits\]\) -> table<integer, Process>: the processes.*\n`)
	for _, word := range []string{"exit", "quit", "exit()", "quit()"} {
		term.line(word, `Ctrl-D or os.exit\(\) leaves\n`)
	}
	term.line("quit = 5", "")
	term.line("quit", `5\n`)
	term.line("help(string.rep)", `string\.rep\(s, n\) -> string\n    s n times\n    s  string\n    n  integer\n`)
	term.line("help 'p:interrupt'", `Process:interrupt\(\)\n    sends SIGINT.*\n`)
	term.line("help(Process.join)", `Process:join\(\[timeout\]\)\n    waits until .*\n    timeout  number\n`)
	term.line("help(require('time'))", `time\.sleep\(seconds\)\n    waits\ntime\.time\(\) -> number\n.*\n.*\n.*\n`)
	term.send("help(Process)\r")
	term.see(`^Process{target =, args =`)
	term.see(`^    daemon  boolean`)
	term.see(`^Process\.exitcode: integer\|nil\n    nil until it ends`)
	term.send("help 'queue'\r")
	term.see(`^multiprocessing\.Queue\(\[maxsize\]\) -> Queue\n    a queue`)
	term.see(`^Queue:cancel_join_thread\(\)`)
	term.line("help(function() end)", `no help for this function; it is defined at stdin:1\n`)
}

// What help() says fits the smallest screen that terminals begin with.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	term := open(t, setup{})
	term.expect(`> `)
	term.send("\x0chelp()\r")
	term.until("help on one screen", func(s *vt.Screen) bool {
		lines := s.Lines()
		return lines[0] == "> help()" && slices.Contains(lines, ">")
	})
}

// The sessions of the READMEs happen as they stand there.
func TestReadme(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		markdown, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		_, session, ok := strings.Cut(string(markdown), "```console\n$ luaspawn\n")
		if !ok {
			t.Fatalf("%s has no session", name)
		}
		session, _, _ = strings.Cut(session, "```")
		term := open(t, setup{width: 120, height: 50})
		term.expect(`> `)
		// Each line after all that comes before it: what is typed ahead is echoed elsewhere.
		done := ""
		for _, line := range strings.Split(strings.TrimSuffix(session, "\n"), "\n") {
			typed, isTyped := strings.CutPrefix(line, ">> ")
			typed = strings.TrimLeft(typed, " ") // the prompt indents it
			if !isTyped {
				typed, isTyped = strings.CutPrefix(line, "> ")
			}
			if isTyped {
				term.expect(`\n` + regexp.QuoteMeta(done) + `>>?`)
				term.send(typed + "\r")
			}
			done += strings.TrimRight(line, " ") + "\n"
		}
		term.expect(`\n` + regexp.QuoteMeta(done) + `> `)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	term := open(t, setup{shell: true})
	term.expect(`\$ `)
	term.send("luaspawn\r")
	term.expect(`> `)
	term.send("x = 'kept")
	term.expect(`> x = 'kept`)
	term.send("\x1a")
	term.see(`(?i)stopped`)
	term.expect(`\$ `)
	term.send("echo in the sh''ell\r")
	term.expect(`^in the shell\n\$ `)
	term.send("fg\r")
	term.expect(`> x = 'kept`)
	term.send("'\r")
	term.expect(`\n> `)
	term.line("x", `"kept"\n`)
	term.send("while true do io.write('.') Process.sleep(0.05) end\r")
	term.see(`^\.`)
	term.send("\x1a")
	term.see(`(?i)stopped(.*\n)*.*stopped`)
	term.expect(`\$ `)
	term.send("fg\r")
	term.see(`fg\nluaspawn(.*\n)*.*fg\nluaspawn\n\.`)
	term.send("\x03")
	term.see(`interrupted\n> `)
}

// Who is ended by a signal leaves the terminal as it was.
func TestSignal(t *testing.T) {
	t.Parallel()
	term := open(t, setup{shell: true})
	term.expect(`\$ `)
	term.send("luaspawn & fg\r")
	term.expect(`> `)
	term.send("p = Process{target = function() os.execute('kill -TERM ' .. os.getppid()) end}\rp:start()\r")
	term.see(`(?i)terminated`)
	term.expect(`\$ `)
	term.send("stty -a | grep -c ' icanon'\r")
	term.see(`^1\n\$ `)
	if raw := term.output(); strings.LastIndex(raw, "\x1b[?2004l") < strings.LastIndex(raw, "\x1b[?2004h") {
		t.Error("bracketed paste is still on")
	}
}

func TestResize(t *testing.T) {
	t.Parallel()
	term := open(t, setup{width: 60, height: 12})
	term.expect(`> `)
	term.line("'above'", `"above"\n`)
	long := "x = '" + strings.Repeat("0123456789", 8) + "'"
	term.send(long)
	term.see(`789'$`)
	term.resize(30, 12)
	term.expect(`"above"\n> x = '01234567890123456789012\n345678901234567890123456789012\n345678901234567890123456789'`)
	term.resize(100, 12)
	term.expect(`"above"\n> ` + long)
	term.send("\r")
	term.expect(`\n> `)
	term.line("#x", `80\n`)
}

func TestNoTerminal(t *testing.T) {
	t.Parallel()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, in, out string }{
		{"", "print(1)\nlocal x = 2\nprint(x)\n", "1\n2\n"},
		{"-i", "1 + 1\nlocal x = 3\nx\n", "2\n3\n"},
	} {
		if out := output(t, path, test.args, test.in); out != test.out {
			t.Errorf("got %q, want %q", out, test.out)
		}
	}
}
