//go:build unix

package repl_test

import "testing"

func TestCompletion(t *testing.T) {
	t.Parallel()
	term := open(t, setup{files: map[string]string{"mymodule.lua": "", "pkg/inner.lua": "", "pkg/init.lua": "", "data one.txt": "", "it's": "", ".hidden": "",
		"oddly.lua": "", "odd\a.lua": "", "odd\u009bJ.lua": "", "odd'.lua": "", "sub/below.lua": ""}})
	term.expect(`> `)
	for _, test := range [][2]string{
		{"stri\t.form\t", `> string\.format`},
		{"local value_of_mine = {field_a = 1, method = print}\rvalue_o\t.fie\t", `> value_of_mine\.field_a`},
		{"value_of_mine:\t", `> value_of_mine:method`},
		{"('x').y\t", `> \('x'\)\.y`},
		{"('x'):up\t", `> \('x'\):upper`},
		{"f('x'):up\t", `> f\('x'\):up`},
		{"io.open('da\t", `> io\.open\('data one\.txt`},
		{"dofile \"pk\tini\t", `> dofile "pkg/init\.lua`},
		{"io.open('it\t", `> io\.open\('it`},
		{"io.open('.hi\t", `> io\.open\('\.hidden`},
		{"io.open('" + "/dev/nul\t", `> io\.open\('/dev/null`},
		{"io.open([[da\t", `> io\.open\(\[\[da`},
		{"Process{targ\t", `> Process{target = `},
		{"Process{target = f, ar\t", `> Process{target = f, args = `},
		{"Process{args = {na\t", `> Process{args = {na`},
		{"Process({args = {f(1, 2)}, na\t", `> Process\({args = {f\(1, 2\)}, name = `},
		{"Process{\rargs = {},\rda\t", `>> daemon = `},
		{"Process{target = pri\t", `> Process{target = print`},
		{"whi\t", `> while`},
		{"require \"mymo\t", `> require "mymodule`},
		{"require('pkg.in\t", `> require\('pkg\.in`},
		{"require('multip\t", `> require\('multiprocessing`},
		{"require('odd\t", `> require\('oddly`},
		{"require('lfs').chdir('sub')\rrequire('bel\t", `> require\('below`},
		{"lfs.chdir('..')\rrequire('bel\t", `> require\('bel`},
		{"p = Process{}\rp:st\t", `> p:start`},
		{"p.exitc\t", `> p\.exitcode`},
		{"local C = Process:subclass('C') function C:own_method() end c = C()\rc:own\t", `> c:own_method`},
		{"c:is_al\t", `> c:is_alive`},
		{"bad = setmetatable({}, {__index = function() error('ran') end})\rbad.x\t", `> bad\.x`},
		{"chain = setmetatable({}, {__index = setmetatable({}, {__index = {deep_down = 1}})})\rchain.de\t", `> chain\.deep_down`},
	} {
		term.send(test[0])
		term.expect(test[1])
		term.send("\x03")
		term.expect(`\n> `)
	}
	term.send("Process{target = print, \t")
	term.see(`^args = +.*daemon = .*\n(.*\n)*> Process{target = print, `)
	term.send("\x03")
	term.send("function own(first, second, ...) end\rown(\t")
	term.see(`^own\(first, second, \.\.\.\)\n    defined at stdin:1\n> own\($`)
	term.send("\x03p:join(\t")
	term.see(`^Process:join\(\[timeout\]\)\n    waits until .*\n(.*\n)?> p:join\($`)
	term.send("5, \x03string.rep('x', \t")
	term.see(`^string\.rep\(s, n\) -> string\n    s n times\n> string\.rep\('x',$`)
	term.send("\x03p:\t\t")
	term.see(`start`)
	term.see(`terminate`)
	term.expect(`> p:`)
}
