package strlib

import (
	"bufio"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/vm"
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
			vm.Adopt(L)
			defer L.Close()
			benchmark(b, L, source)
		})
		b.Run(m.name+"/lua5.1", func(b *testing.B) {
			if !haveReference() {
				b.Skip("lua5.1 isn't installed")
			}
			b.ReportMetric(float64(timeReference(b, source, b.N).Nanoseconds())/float64(b.N), "ns/op")
		})
	}
}

// timeReference returns how long lua5.1 takes to call n times what source returns.
func timeReference(b *testing.B, source string, n int) time.Duration {
	cmd := exec.Command("lua5.1", "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`
		local f = (function() %s end)()
		io.stdout:setvbuf("no")
		print("ready")
		for i = 1, %d do f() end
		print("done")`, source, n))
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	start := time.Now()
	lines.Scan()
	elapsed := time.Since(start)
	if err := cmd.Wait(); err != nil || lines.Text() != "done" {
		b.Fatalf("lua5.1: %v, %q", err, lines.Text())
	}
	return elapsed
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
