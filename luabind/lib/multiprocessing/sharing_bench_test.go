//go:build linux

package multiprocessing_test

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"luaspawn/luabind"
)

// Each benchmark is a script twice, in Lua and in Python, which prints the
// nanoseconds that one of its turns took. What both begin with:
const (
	luaBegin = `
		local mp, monotonic = require "multiprocessing", require("time").monotonic
		local function timed(n, f) local began = monotonic() f() print((monotonic() - began) / n * 1e9) end
		-- at once starts f in k processes, and times them from when all of them are ready.
		local function atOnce(n, list)
			local go, ready, running = mp.Event(), mp.Semaphore(0), {}
			for i, f in ipairs(list) do
				running[i] = mp.Process{target = function() ready:release() go:wait() f() end}
				running[i]:start()
			end
			for _ in ipairs(list) do ready:acquire() end
			timed(n, function() go:set() for _, p in ipairs(running) do p:join() end end)
		end
		`
	pythonBegin = `
import time, multiprocessing as mp
def timed(n, f):
    began = time.monotonic(); f(); print((time.monotonic() - began) / n * 1e9)
def run(f, ready, go):
    ready.release(); go.wait(); f()
def atOnce(n, fs):
    go, ready = mp.Event(), mp.Semaphore(0)
    running = [mp.Process(target=run, args=(f, ready, go)) for f in fs]
    for p in running: p.start()
    for p in running: ready.acquire()
    def all():
        go.set()
        for p in running: p.join()
    timed(n, all)
`
)

var speeds = []struct{ name, lua, python string }{
	{"lock", `
		local lock = mp.Lock()
		timed(300000, function() for i = 1, 300000 do lock:acquire() lock:release() end end)`, `
lock = mp.Lock()
def turns():
    for i in range(300000): lock.acquire(); lock.release()
timed(300000, turns)`},
	{"lock contended by 4", `
		local lock = mp.Lock()
		local function f() for i = 1, 100000 do lock:acquire() lock:release() end end
		atOnce(400000, {f, f, f, f})`, `
lock = mp.Lock()
def turns():
    for i in range(100000): lock.acquire(); lock.release()
atOnce(400000, [turns] * 4)`},
	{"queue 1 to 1", `
		local q = mp.Queue()
		atOnce(50000, {function() for i = 1, 50000 do q:put(i) end end, function() for i = 1, 50000 do q:get() end end})`, `
q = mp.Queue()
def put():
    for i in range(50000): q.put(i)
def get():
    for i in range(50000): q.get()
atOnce(50000, [put, get])`},
	{"queue 4 to 4", `
		local q = mp.Queue()
		local function put() for i = 1, 20000 do q:put(i) end end
		local function get() for i = 1, 20000 do q:get() end end
		atOnce(80000, {put, put, put, put, get, get, get, get})`, `
q = mp.Queue()
def put():
    for i in range(20000): q.put(i)
def get():
    for i in range(20000): q.get()
atOnce(80000, [put, put, put, put, get, get, get, get])`},
	{"pipe round trip", `
		local a, b = mp.Pipe()
		atOnce(10000, {function() for i = 1, 10000 do a:send(i) a:recv() end end, function() for i = 1, 10000 do b:send(b:recv()) end end})`, `
a, b = mp.Pipe()
def ask():
    for i in range(10000): a.send(i); a.recv()
def answer():
    for i in range(10000): b.send(b.recv())
atOnce(10000, [ask, answer])`},
	{"queue MiB", `
		local q = mp.Queue()
		local s = ("x"):rep(2^20)
		atOnce(200, {function() for i = 1, 200 do q:put(s) end end, function() for i = 1, 200 do q:get() end end})`, `
q = mp.Queue()
s = "x" * 2**20
def put():
    for i in range(200): q.put(s)
def get():
    for i in range(200): q.get()
atOnce(200, [put, get])`},
	{"pipe MiB", `
		local r, w = mp.Pipe(false)
		local s = ("x"):rep(2^20)
		atOnce(200, {function() for i = 1, 200 do w:send(s) end end, function() for i = 1, 200 do r:recv() end end})`, `
r, w = mp.Pipe(False)
s = "x" * 2**20
def put():
    for i in range(200): w.send(s)
def get():
    for i in range(200): r.recv()
atOnce(200, [put, get])`},
}

// BenchmarkBesidePython runs every script here and in python3.
func BenchmarkBesidePython(b *testing.B) {
	for _, s := range speeds {
		b.Run(s.name+"/luaspawn", func(b *testing.B) {
			measure(b, func() (string, error) {
				var out bytes.Buffer
				cfg := config()
				cfg.Stdout = &out
				e, err := luabind.New(cfg)
				if err != nil {
					return "", err
				}
				defer e.Close()
				err = e.Run(context.Background(), s.name, strings.NewReader(luaBegin+s.lua))
				return out.String(), err
			})
		})
		b.Run(s.name+"/python", func(b *testing.B) {
			path, err := exec.LookPath("python3")
			if err != nil {
				b.Skip("python3 is not installed")
			}
			measure(b, func() (string, error) {
				out, err := exec.Command(path, "-c", pythonBegin+s.python).CombinedOutput()
				if err != nil {
					err = fmt.Errorf("%w: %s", err, out)
				}
				return string(out), err
			})
		})
	}
}

// measure reports the mean of what a script says that one of its turns took.
func measure(b *testing.B, run func() (string, error)) {
	total := 0.0
	for b.Loop() {
		out, err := run()
		if err != nil {
			b.Fatal(err)
		}
		ns, err := strconv.ParseFloat(strings.TrimSpace(out), 64)
		if err != nil {
			b.Fatal(err)
		}
		total += ns
	}
	b.ReportMetric(total/float64(b.N), "ns/turn")
	b.ReportMetric(0, "ns/op") // of the whole script: nobody wants to know
}
