package luastring

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// Each source is a function of no arguments, run on this library, on
// gopher-lua's own and on lua5.1. Those of gsub over 1 MB don't run on gopher-lua:
// its gsub is quadratic, and needs minutes for one.
var benchmarks = []struct{ name, setup, body string }{
	{"gsub/words", text, `text:gsub("%w+", "<%0>")`},
	{"gsub/function", text, `text:gsub("%a+", string.upper)`},
	{"gsub/table", text, `text:gsub("%a+", {quick = "slow", dog = "cat"})`},
	{"gsub/trim", `local s = "   some text with space around it   "`, `for i = 1, 1000 do local _ = s:gsub("^%s*(.-)%s*$", "%1") end`},
	{"gmatch/words", text, `local n = 0; for w in text:gmatch("%a+") do n = n + 1 end`},
	{"gmatch/pairs", pairs, `local n = 0; for k, v in pairs:gmatch("(%w+)=(%w+)") do n = n + 1 end`},
	{"find/plain", text, `text:find("no such text", 1, true)`},
	{"find/pattern", text, `text:find("(%d+)%-(%d+)")`},
	{"find/lazy", text, `text:sub(1, 10000):find("quick.-needle")`},
	{"find/short", `local s = "name = value"`, `for i = 1, 1000 do s:find("=", 1, true) s:find("%s*=%s*") end`},
	{"match/captures", `local s = "2024-05-17 12:34:56"`, `for i = 1, 1000 do s:match("(%d+)-(%d+)-(%d+) (%d+):(%d+):(%d+)") end`},
	{"format/mixed", ``, `for i = 1, 1000 do string.format("%5d %s %g %x %-8s|%6.2f", i, "name", i / 3, i, "left", i * 1.5) end`},
	{"format/simple", ``, `for i = 1, 1000 do string.format("%d:%s", i, "name") end`},
	{"rep", ``, `for i = 1, 100 do string.rep("abc", 10000) end`},
	{"sub+byte", text, `local n = 0; for i = 1, 10000 do n = n + text:byte(i) + #text:sub(i, i + 3) end`},
	{"upper+lower+reverse", text, `text:upper() text:lower() text:reverse()`},
	{"tostring", ``, `for i = 1, 1000 do tostring(i) tostring(i / 7) end`},
	{"tonumber", ``, `for i = 1, 1000 do tonumber("12345") tonumber("3.25e3") tonumber("ff", 16) end`},
	{"concat", ``, `local s = "" for i = 1, 1000 do s = s .. "line " .. i end`},
	{"table.concat", ``, `local t = {} for i = 1, 1000 do t[i] = ("%d,"):format(i) end return table.concat(t)`},
}

const (
	text  = `local text = ("The quick brown fox jumps over the lazy dog 42. "):rep(20833)` // 1 MB
	pairs = `local pairs = ("key=value, other=thing; "):rep(20000)`
)

func Benchmark(b *testing.B) {
	for _, m := range benchmarks {
		source := m.setup + "\nreturn function() " + m.body + " end"
		b.Run(m.name+"/here", func(b *testing.B) { benchmark(b, newState(b), source) })
		b.Run(m.name+"/gopher-lua", func(b *testing.B) {
			if strings.Contains(m.body, "text:gsub") {
				b.Skip("quadratic")
			}
			L := lua.NewState(lua.Options{RegistryGrowStep: 4096, RegistryMaxSize: 4 << 20})
			defer L.Close()
			benchmark(b, L, source)
		})
		b.Run(m.name+"/lua5.1", func(b *testing.B) {
			if !haveReference() {
				b.Skip("lua5.1 isn't installed")
			}
			driver := fmt.Sprintf("local f = (function() %s end)()\nlocal start = os.clock() for i = 1, %d do f() end print(os.clock() - start)", source, b.N)
			cmd := exec.Command("lua5.1", "-")
			cmd.Stdin = strings.NewReader(driver)
			out, err := cmd.Output()
			if err != nil {
				b.Fatal(err)
			}
			seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(seconds*1e9/float64(b.N), "ns/op")
		})
	}
}

func benchmark(b *testing.B, L *lua.LState, source string) {
	if err := L.DoString(source); err != nil {
		b.Fatal(err)
	}
	f := L.Get(-1)
	b.ReportAllocs()
	for b.Loop() {
		L.Push(f)
		L.Call(0, 0)
	}
}
