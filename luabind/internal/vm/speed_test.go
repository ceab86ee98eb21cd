package vm_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/vm"
)

type measuredProgram struct {
	name, setup, body string
	slow              bool // on bare gopher-lua
}

// measured are programs that are run here, on bare gopher-lua and on lua5.1.
// Each body is that of a function. Those that bare gopher-lua needs minutes for
// aren't run there.
var measured = []measuredProgram{
	{name: "fib", setup: "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end", body: "fib(27)"},
	{name: "nbody", setup: nbody, body: "for i = 1, 5000 do advance(0.01) end"},
	{name: "spectral", setup: spectral, body: "norm(100)"},
	{name: "loop", body: "local n = 0 for i = 1, 1000000 do n = n + i % 7 end"},
	{name: "while", body: "local n, i = 0, 1 while i <= 500000 do if i ~= 3 then n = n + i end i = i + 1 end"},
	{name: "sieve", body: "local s = {} for i = 2, 100000 do s[i] = true end for i = 2, 316 do if s[i] then for j = i * i, 100000, i do s[j] = false end end end"},
	{name: "objects", setup: objects, body: "local p = Point.new(0, 0) for i = 1, 100000 do p = p:add(Point.new(1, i)) end"},
	{name: "closures", body: "local n = 0 for i = 1, 100000 do local f = function(x) n = n + x + i end f(i) end"},
	{name: "fields", setup: "local t = {a = 1, b = 2, c = 3}", body: "for i = 1, 300000 do t.a = t.b + t.c t.b = t.a - t.c end"},
	{name: "globals", body: "x = 0 for i = 1, 200000 do x = x + math.abs(-i) end"},
	{name: "pairs", setup: "local t = {} for i = 1, 1000 do t['k' .. i] = i t[i] = i end", body: "local n = 0 for i = 1, 20 do for k, v in pairs(t) do n = n + v end for k, v in ipairs(t) do n = n + v end end"},
	{name: "varargs", setup: "local function sum(...) local n = 0 for i = 1, select('#', ...) do n = n + (select(i, ...)) end return n end", body: "for i = 1, 20000 do sum(1, 2, 3, i) end"},
	{name: "pcall", setup: "local function f(a) return a end", body: "for i = 1, 100000 do pcall(f, i) end"},
	{name: "coroutine", body: "local c = coroutine.wrap(function() while true do coroutine.yield(1) end end) for i = 1, 50000 do c(i) end"},
	{name: "building", body: "local s = '' for i = 1, 3000 do s = s .. 'line ' .. i end"},
	{name: "pieces", body: "local t = {} for i = 1, 50000 do t[#t + 1] = 'line ' .. i end return table.concat(t, ',')"},
	{name: "concat", setup: "local t = {} for i = 1, 1000000 do t[i] = 'x' end", body: "return table.concat(t)"},
	{name: "sort", setup: "local seed = 42 local function rand() seed = seed * 16807 % 2147483647 return seed end local function list() local t = {} for i = 1, 50000 do t[i] = rand() end return t end", body: "table.sort(list())"},
	{name: "sort/function", setup: "local seed = 42 local function rand() seed = seed * 16807 % 2147483647 return seed end local function list() local t = {} for i = 1, 50000 do t[i] = rand() end return t end local function more(a, b) return a > b end", body: "table.sort(list(), more)"},
	{name: "gsub", setup: megabyte, body: `text:gsub("%w+", "<%0>")`, slow: true},
	{name: "gsub/function", setup: megabyte, body: `text:gsub("%a+", string.upper)`, slow: true},
	{name: "gmatch", setup: megabyte, body: `local n = 0 for w in text:gmatch("%a+") do n = n + 1 end`},
	{name: "find", setup: megabyte, body: `text:find("(%d+)%-(%d+)")`},
}

const (
	megabyte = `local text = ("The quick brown fox jumps over the lazy dog 42. "):rep(20833)`

	objects = `
local Point = {}
Point.__index = Point
function Point.new(x, y) return setmetatable({x = x, y = y}, Point) end
function Point:add(o) return Point.new(self.x + o.x, self.y + o.y) end`

	nbody = `
local sqrt = math.sqrt
local bodies = {}
for i = 1, 5 do
  bodies[i] = {x = i * 1.7, y = i * -0.9, z = i * 0.3, vx = 0.1 / i, vy = 0.2 / i, vz = -0.3 / i, mass = 4 / i}
end
local function advance(dt)
  local n = #bodies
  for i = 1, n do
    local a = bodies[i]
    local ax, ay, az, am, avx, avy, avz = a.x, a.y, a.z, a.mass, a.vx, a.vy, a.vz
    for j = i + 1, n do
      local b = bodies[j]
      local dx, dy, dz = ax - b.x, ay - b.y, az - b.z
      local d2 = dx * dx + dy * dy + dz * dz
      local mag = sqrt(d2)
      mag = dt / (mag * d2)
      local bm = b.mass * mag
      avx = avx - dx * bm
      avy = avy - dy * bm
      avz = avz - dz * bm
      bm = am * mag
      b.vx = b.vx + dx * bm
      b.vy = b.vy + dy * bm
      b.vz = b.vz + dz * bm
    end
    a.vx, a.vy, a.vz = avx, avy, avz
    a.x, a.y, a.z = ax + dt * avx, ay + dt * avy, az + dt * avz
  end
end`

	spectral = `
local function A(i, j) local ij = i + j - 1 return 1 / (ij * (ij - 1) * 0.5 + i) end
local function Av(x, y, n) for i = 1, n do local a = 0 for j = 1, n do a = a + x[j] * A(i, j) end y[i] = a end end
local function Atv(x, y, n) for i = 1, n do local a = 0 for j = 1, n do a = a + x[j] * A(j, i) end y[i] = a end end
local function norm(n)
  local u, v, t = {}, {}, {}
  for i = 1, n do u[i] = 1 end
  for i = 1, 3 do Av(u, t, n) Atv(t, v, n) Av(v, t, n) Atv(t, u, n) end
  return u[1]
end`
)

// BenchmarkPrograms prints the median time here, and how many times those of
// bare gopher-lua and of lua5.1 it is; the three are run in turns.
func BenchmarkPrograms(b *testing.B) { compare(b, measured) }

func compare(b *testing.B, programs []measuredProgram) {
	for _, m := range programs {
		b.Run(m.name, func(b *testing.B) {
			source := fmt.Sprintf("%s\nreturn function() %s end", m.setup, m.body)
			sides := []func() time.Duration{here(b, source), nil, nil}
			if !m.slow {
				sides[1] = upstream(b, source)
			}
			if path, err := exec.LookPath("lua5.1"); err == nil {
				sides[2] = reference(b, path, source)
			}
			took := make([][]time.Duration, len(sides))
			for b.Loop() {
				for i, run := range sides {
					if run != nil {
						took[i] = append(took[i], run())
					}
				}
			}
			ours := median(took[0])
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(ours)/1e6, "ms")
			for i, unit := range []string{"", "x-gopher-lua", "x-lua5.1"} {
				if i > 0 && sides[i] != nil {
					b.ReportMetric(float64(ours)/float64(median(took[i])), unit)
				}
			}
		})
	}
}

func median(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}

// here returns what runs source in the engine once and says how long it took.
func here(b *testing.B, source string) func() time.Duration {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	chunk, err := e.Load("source", source)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background()) // it can end, as a command's
	b.Cleanup(cancel)
	f, err := e.Do(ctx, chunk, 1)
	if err != nil {
		b.Fatal(err)
	}
	return func() time.Duration {
		begun := time.Now()
		if _, err := e.Do(ctx, f[0], 0); err != nil {
			b.Fatal(err)
		}
		return time.Since(begun)
	}
}

// upstream is the same for gopher-lua as it comes.
func upstream(b *testing.B, source string) func() time.Duration {
	L := lua.NewState(lua.Options{RegistryGrowStep: 4096, RegistryMaxSize: 4 << 20})
	vm.Adopt(L)
	b.Cleanup(L.Close)
	if err := L.DoString(source); err != nil {
		b.Fatal(err)
	}
	f := L.Get(-1)
	return func() time.Duration {
		begun := time.Now()
		L.Push(f)
		L.Call(0, 0)
		return time.Since(begun)
	}
}

// reference is the same for lua5.1 as another process.
func reference(b *testing.B, path, source string) func() time.Duration {
	cmd := exec.Command(path, "-e", fmt.Sprintf("local f = (function() %s end)() io.stdout:setvbuf('line') for _ in io.lines() do f() print('done') end", source))
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	lines := bufio.NewReader(out)
	return func() time.Duration {
		begun := time.Now()
		io.WriteString(in, "run\n")
		if line, err := lines.ReadString('\n'); err != nil || strings.TrimSpace(line) != "done" {
			b.Fatalf("lua5.1: %q, %v", line, err)
		}
		return time.Since(begun)
	}
}
