//go:build linux

package multiprocessing_test

import (
	"strings"
	"testing"

	"luaspawn/luabind"
)

// benchmarkPool measures what a script does with a pool, and its functions inc.
func benchmarkPool(b *testing.B, setup, source string) {
	e, err := luabind.New(config())
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	ctx := b.Context()
	if err := e.Run(ctx, "setup", strings.NewReader(`
		mp = require "multiprocessing"
		pool = mp.Pool(2)
		function inc(n) return n + 1 end
		pool:map(inc, {1, 2, 3, 4}, 1)
	`+setup)); err != nil {
		b.Fatal(err)
	}
	f, err := e.Load("bench", source)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Do(ctx, f, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPoolApply(b *testing.B) { benchmarkPool(b, "", `pool:apply(inc, {1})`) }

func BenchmarkPoolSubmit(b *testing.B) { benchmarkPool(b, "", `pool:submit(inc, 1):get()`) }

func BenchmarkPoolTiny(b *testing.B) {
	benchmarkPool(b, `items = {} for i = 1, 1e6 do items[i] = i end`, `pool:map(inc, items)`)
}

// BenchmarkPoolCallbacks has 10,000 Futures wait at the same time.
func BenchmarkPoolCallbacks(b *testing.B) {
	benchmarkPool(b, `n = 10000`, `
		local go, called, futures = mp.Event(), 0, {}
		for i = 1, 2 do pool:submit(function() go:wait() end) end
		for i = 1, n do
			futures[i] = pool:submit(inc, i)
			futures[i]:add_done_callback(function() called = called + 1 end)
		end
		go:set()
		for i = 1, n do futures[i]:get() end
		assert(called == n)`)
}
