//go:build linux

package multiprocessing_test

import (
	"context"
	"strings"
	"testing"

	"luaspawn/luabind"
)

// benchmarkStart measures start() and join() of a child that does nothing, in
// an engine where setup has run.
func benchmarkStart(b *testing.B, setup string) {
	e, err := luabind.New(config())
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	ctx := context.Background()
	if err := e.Run(ctx, "setup", strings.NewReader(setup)); err != nil {
		b.Fatal(err)
	}
	f, err := e.Load("bench", `
		local p = Process{target = function() end}
		p:start()
		p:join()
		assert(p.exitcode == 0)`)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Do(ctx, f, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	b.Run("alone", func(b *testing.B) { benchmarkStart(b, "") })
	b.Run("beside 1 GB", func(b *testing.B) {
		benchmarkStart(b, `
			unrelated = {}
			for i = 1, 1000000 do unrelated[i] = {id = i, name = "item " .. i, ok = true} end`)
	})
}
