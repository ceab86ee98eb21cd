//go:build linux && !portable

package multiprocessing_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing"
)

// reports runs a script that doesn't end, calls ok with one report after the other until that
// is pleased, and ends the script.
func reports(t *testing.T, script string, ok func(report string) bool) {
	t.Helper()
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	report := multiprocessing.Reporter(e)
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() {
		over <- e.Run(ctx, "=script", strings.NewReader(`local mp = require "multiprocessing" `+script))
	}()
	defer func() {
		cancel()
		<-over
	}()
	var last string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if last = report(); ok(last) {
			return
		}
		select {
		case err := <-over:
			over <- err
			t.Fatalf("the script has ended: %v", err)
		default:
		}
	}
	t.Errorf("not in a minute: the last report was\n%s", last)
}

func TestReport(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   []string // of which each matches
		not    string
	}{
		"locks crosswise": {
			script: `
				local a, b, both = mp.Lock(), mp.RLock(), mp.Barrier(2)
				local function cross(first, second, both) first:acquire() both:wait() second:acquire() end
				local left = Process{name = "left", target = cross, args = {a, b, both}, daemon = true}
				local right = Process{name = "right", target = cross, args = {b, a, both}, daemon = true}
				left:start() right:start()
				left:join()`,
			want: []string{
				`(?m)^  \S+ \(\d+\) +has waited [\d.]+ s for the end of left \(\d+\), at script:`,
				`(?m)^    left \(\d+\) +has waited [\d.]+ s for RLock no\. \d+, held by right \(\d+\), at script:3$`,
				`(?m)^    right \(\d+\) +has waited [\d.]+ s for Lock no\. \d+, held by left \(\d+\), at script:3$`,
				`(?m)^DEADLOCK: .*left waits for RLock no\. \d+, held by right`,
				`(?m)^left \(\d+\):\n\t\[C\]: in function 'acquire'\n\tscript:3: in function`,
				`(?m)^\S+ \(\d+\):\n\t\[C\]: in function 'join'\n\tscript:7: in main chunk`,
			},
		},
		"an unrelated process is busy": {
			script: `
				local a, b, both = mp.Lock(), mp.Lock(), mp.Barrier(2)
				local function cross(first, second, both) first:acquire() both:wait() second:acquire() end
				Process{name = "busy", target = function() while true do end end, daemon = true}:start()
				local left = Process{name = "left", target = cross, args = {a, b, both}, daemon = true}
				Process{name = "right", target = cross, args = {b, a, both}, daemon = true}:start()
				left:start()
				left:join()`,
			want: []string{`(?m)^    busy \(\d+\) +runs, for`, `(?m)^DEADLOCK: .*left waits for Lock`, `(?m)^busy \(\d+\):\n\tscript:4: in function`},
		},
		"an item that only who joins would put": {
			script: `
				local q = mp.Queue()
				local p = Process{name = "taker", target = function(q) q:get() end, args = {q}, daemon = true}
				p:start()
				p:join()
				q:put(1)`,
			want: []string{`(?m)^    taker .* for an item of Queue no\. \d+, which is empty, at script:3$`, `(?m)^DEADLOCK: \S+ waits for the end of taker \(\d+\); taker waits for an item of Queue`},
		},
		"a barrier with a party missing": {
			script: `
				local b = mp.Barrier(3)
				local p = Process{name = "first", target = function(b) b:wait() end, args = {b}, daemon = true}
				p:start()
				b:wait()`,
			want: []string{`(?m)^    first .* for Barrier no\. \d+, 2 of 3 have come, one is missing, at script:3$`, `(?m)^DEADLOCK: .*Barrier`},
		},
		"a child that is stopped": {
			script: `
				local p = Process{name = "sleeper", daemon = true, target = function() require("time").sleep(1000) end}
				p:start()
				os.execute("kill -STOP " .. p.pid)
				p:join()`,
			want: []string{`(?m)^    sleeper \(\d+\) +is stopped \(kill -CONT \d+ lets it go on\)`, `for the end of sleeper`},
			not:  "DEADLOCK",
		},
		"an initializer that waits": {
			script: `
				local go = mp.Event()
				local pool = mp.Pool{processes = 2, initializer = function(go) go:wait() end, initargs = {go}}
				pool:map(function(n) return n end, {1, 2, 3})`,
			want: []string{`(?m)^    Pool-1-Worker-1 .* for Event no\. \d+, at script:3$`, `(?m)^DEADLOCK: \S+ waits for results of Pool-1; Pool-1-Worker-. waits for Event`},
		},
		"apply": {
			script: `
				local l, pool = mp.Lock(), mp.Pool(1)
				l:acquire()
				pool:apply(function() l:acquire() end)`,
			want: []string{`(?m)^  \S+ \(\d+\) +has waited [\d.]+ s for results of Pool-1, at script:4$`, `(?m)^DEADLOCK: \S+ waits for results of Pool-1; Pool-1-Worker-. waits for Lock`},
		},
		"as_completed": {
			script: `
				local l, pool = mp.Lock(), mp.Pool(1)
				l:acquire()
				for f in mp.as_completed{pool:submit(function() l:acquire() end)} do end`,
			want: []string{`(?m)for results of Pool-1, at script:4$`, `(?m)^DEADLOCK: \S+ waits for results of Pool-1; Pool-1-Worker-. waits for Lock`},
		},
		"as_completed of two pools": {
			script: `
				local one, two, slow = mp.Pool(1), mp.Pool(1), function() require("time").sleep(1000) end
				for f in mp.as_completed{one:submit(slow), two:submit(slow)} do end`,
			want: []string{`(?m)^  \S+ \(\d+\) +has waited [\d.]+ s for any of 2, at script:3$`},
			not:  "DEADLOCK",
		},
		"a child that waits for its parent": {
			script: `
				local p = Process{name = "child", daemon = true, target = function() mp.parent_process():join() end}
				p:start()
				p:join()`,
			want: []string{`(?m)^    child .* for the end of MainProcess \(\d+\), at script:2$`, `(?m)^DEADLOCK: \S+ waits for the end of child \(\d+\); child waits for the end of MainProcess`},
		},
		"a lock that one holds itself": {
			script: `local l = mp.Lock() l:acquire() l:acquire()`,
			want:   []string{`(?m)^DEADLOCK: \S+ waits for Lock no\. \d+, which it holds itself\. Nobody can let it go on\.$`},
		},
		"a timeout ends it": {
			script: `local l = mp.Lock() l:acquire() l:acquire(true, 1000)`,
			want:   []string{`has waited [\d.]+ s for Lock no\. \d+, held by`},
			not:    "DEADLOCK",
		},
		"a callback may end it": {
			script: `
				local q, pool = mp.Queue(), mp.Pool(1)
				pool:apply_async(function() require("time").sleep(1000) end, {}, {}, function() q:put(1) end)
				q:get()`,
			want: []string{`for an item of Queue`, `(?m)^    Pool-1-Worker-1 .* in sleep, at script:3$`},
			not:  "DEADLOCK",
		},
		"nobody waits": {
			script: `while true do end`,
			want:   []string{`(?m)^what 1 process does:\n  \S+ \(\d+\) +runs, for`, `(?m)^\S+ \(\d+\):\n\tscript:1: in main chunk`},
			not:    "DEADLOCK",
		},
	} {
		if testing.Short() && (name == "an unrelated process is busy" || name == "a barrier with a party missing" || name == "a callback may end it") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			reports(t, c.script, func(report string) bool {
				for _, re := range c.want {
					if !regexp.MustCompile(re).MatchString(report) {
						return false
					}
				}
				if c.not != "" && strings.Contains(report, c.not) {
					t.Errorf("%s in\n%s", c.not, report)
				}
				return true
			})
		})
	}
}
