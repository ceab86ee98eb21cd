//go:build linux

package sharing_test

import (
	"context"
	"strings"
	"testing"

	"luaspawn/luabind"
)

func benchmarkLua(b *testing.B, setup, body string) {
	e, err := luabind.New(config())
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	ctx := context.Background()
	if err := e.Run(ctx, "setup", strings.NewReader(setup)); err != nil {
		b.Fatal(err)
	}
	f, err := e.Load("bench", "local lock = lock for i = 1, 1000 do "+body+" end")
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; n < b.N; n += 1000 {
		if _, err := e.Do(ctx, f, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLock(b *testing.B) {
	benchmarkLua(b, `lock = require("multiprocessing").Lock()`, "lock:acquire() lock:release()")
}

func BenchmarkEmptyLoop(b *testing.B) { benchmarkLua(b, "", "") }
