//go:build linux

package multiprocessing_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"luaspawn/luabind"
)

// Pools, one after the other, leave nothing: TestMain looks for what is left at the end, this test
// for what would add up.
func TestManyPools(t *testing.T) {
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	n := 30
	switch {
	case testing.Short():
		n = 8
	case os.Getenv("LUASPAWN_STRESS") != "":
		n = 60
	}
	before := 0
	for i := range n {
		if err := e.Run(t.Context(), "test", strings.NewReader(`
			local mp = require "multiprocessing"
			local pool = mp.Pool(2)
			assert(pool:map(function(n) return n + 1 end, {1, 2, 3})[3] == 4)
			pool:`+[]string{"close", "terminate"}[i%2]+`()
			pool:join()`)); err != nil {
			t.Fatal(err)
		}
		if i == 5 {
			before = openOfPools()
		}
		if i <= 5 {
			continue
		}
		if !until(func() bool { return openOfPools() <= before+8 }) { // some of a pool that has ended are closed a moment later
			t.Fatalf("%d descriptors after %d pools, %d before: %v", openOfPools(), i, before, openDescriptors())
		}
	}
}

// openOfPools returns how many descriptors are open that pools have, without those of children kept ready.
func openOfPools() (n int) {
	for name, open := range openDescriptors() {
		if strings.Contains(name, "eventfd") || strings.Contains(name, "memfd") {
			n += open
		}
	}
	return n
}

// A run that is cancelled takes its pools along, and so does the end of the script.
func TestCancelEndsPools(t *testing.T) {
	waits := []string{
		`pool:map(spin, {1, 2, 3})`,
		`pool:submit(spin) pool:close() pool:join()`,
		`pool:apply(spin)`,
		`for _ in pool:imap(spin, {1, 2, 3}) do end`,
		`pool:submit(spin):get()`,
		`local f = pool:submit(spin) mp.wait({f})`,
		`for _ in mp.as_completed{pool:submit(spin)} do end`,
	}
	if testing.Short() {
		waits = waits[:2]
	}
	for _, wait := range waits {
		e, err := luabind.New(config())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if err := e.SetGlobal("cancel", func() { time.AfterFunc(10*time.Millisecond, cancel) }); err != nil {
			t.Fatal(err)
		}
		err = e.Run(ctx, "test", strings.NewReader(`
			mp = require "multiprocessing"
			local pool = mp.Pool(2)
			local function spin() while true do end end
			pool:map(function() end, {1})
			cancel()
			`+wait))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", wait, err)
		}
		if pids := childrenOf(os.Getpid()); len(pids) > 0 {
			t.Errorf("%s: %d workers are left", wait, len(pids))
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

// At a prompt Ctrl-C ends a call of a pool, and the pool can be used after it.
func TestInterruptedPool(t *testing.T) {
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, j := range e.Host().Jobs() {
		j.Attend(true)
	}
	cancels := []context.CancelCauseFunc{}
	defer func() {
		for _, cancel := range cancels {
			cancel(nil)
		}
	}()
	do := func(ctx context.Context, source string) error { return e.Run(ctx, "prompt", strings.NewReader(source)) }
	if err := do(t.Context(), `
		mp = require "multiprocessing"
		pool = mp.Pool(2)
		begun = mp.Semaphore(0)
		function spin(n) begun:release() while true do end end
		function spinLater(n) if n > 2 then spin(n) end end
		-- The script is stopped here while both workers spin.
		function stop() begun:acquire() begun:acquire() interrupt(0) while true do end end
		function items() made = made + 1 return made < 5 and made or stop() end`); err != nil {
		t.Fatal(err)
	}
	for _, call := range []string{
		`interrupt(20) pool:map(spin, {1, 2, 3, 4})`,
		`interrupt(20) pool:apply(spin, {1})`,
		`interrupt(20) for _ in pool:imap(spin, function() return 1 end) do end`,
		`pool:map(spinLater, items)`,
		`for _ in pool:imap(spinLater, items) do end`,
		`for n in pool:imap(spinLater, {1, 2, 3, 4}) do stop() end`,
		`pool:imap(spin, {1, 2}) stop()`,
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancels = append(cancels, cancel)
		if err := e.SetGlobal("interrupt", func(milliseconds int) {
			time.AfterFunc(time.Duration(milliseconds)*time.Millisecond, func() { cancel(luabind.ErrInterrupted) })
		}); err != nil {
			t.Fatal(err)
		}
		if err := do(ctx, `made = 0 while begun:acquire(false) do end `+call); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", call, err)
		}
		if err := do(t.Context(), `assert(pool:map(function(n) return n + 1 end, {1, 2, 3})[3] == 4)`); err != nil {
			t.Errorf("after %s: %v", call, err)
		}
	}
}

// A worker may what its engine may, and no more.
func TestRightsOfWorkers(t *testing.T) {
	source := tries[:strings.Index(tries, "local p = mp.Process{")] + `
		mp.Pool(1):hold(function(pool) pool:apply(report, {"worker"}) end)`
	for _, c := range []struct {
		right string
		give  func(*luabind.Config)
		n     int
	}{
		{"none", func(*luabind.Config) {}, 0},
		{"files", func(c *luabind.Config) { c.Fs = confined.Fs }, 6},
		{"network", func(c *luabind.Config) { c.Network.TCP = true }, 11},
	} {
		if testing.Short() && c.right == "network" {
			continue // a worker is given its rights as any child: TestRights
		}
		cfg := luabind.Config{Modules: confined.Modules[:3]}
		c.give(&cfg)
		out := outputOf(t, cfg, source)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if len(lines) != 2 || strings.TrimPrefix(lines[0], "engine: ") != strings.TrimPrefix(lines[1], "worker: ") {
			t.Errorf("%s: got\n%s", c.right, out)
		}
		if c.n > 0 && !strings.Contains(out, fmt.Sprintf("%s %d/%d", c.right, c.n, c.n)) {
			t.Errorf("%s: got\n%s", c.right, out)
		}
	}
}

// What tasks write comes out in whole lines, whoever else writes.
func TestOutputOfWorkers(t *testing.T) {
	out, complaints, err := run(t, `
		require("multiprocessing").Pool(3):hold(function(pool)
			pool:map(function(i)
				io.write("a", i)
				io.write("b")
				print("c")
				io.write("end of ", i)
			end, {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1)
		end)
		print("after")`)
	if err != nil || complaints != "" {
		t.Fatal(err, complaints)
	}
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		var i int
		if n, _ := fmt.Sscanf(line, "a%dbc", &i); n != 1 && line != "after" && !strings.HasPrefix(line, "end of ") {
			t.Errorf("%q of\n%s", line, out)
		}
	}
	for i := 1; i <= 9; i++ {
		if !strings.Contains(out, fmt.Sprintf("a%dbc\n", i)) || !strings.Contains(out, fmt.Sprintf("end of %d", i)) {
			t.Errorf("task %d is missing in\n%s", i, out)
		}
	}
}
