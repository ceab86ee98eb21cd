//go:build linux

package pool_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"luaspawn/proc/pool"
)

// disturb sends a signal to a worker of p that has begun to work and is not among those
// that had one, at some moment. more gives the pool tasks, where those that it had were done before.
func disturb(t *testing.T, p *pool.Pool, signal syscall.Signal, had map[int]bool, more func()) {
	moment := rand.IntN(50)
	idle := time.Now()
	for since := time.Now(); time.Since(since) < patience; {
		list := p.Workers()
		if len(list) == 0 {
			continue
		}
		w := list[rand.IntN(len(list))]
		works := (w.Tasks > 0 || w.Busy) && !had[w.Pid]
		if moment--; moment < 0 && works {
			had[w.Pid] = true
			syscall.Kill(w.Pid, signal)
			return
		}
		if works {
			idle = time.Now()
		} else if time.Since(idle) > time.Second { // all was done before we looked
			more()
			idle = time.Now()
		}
		runtime.Gosched()
	}
	t.Fatal("no worker works")
}

// Workers are killed, or stopped, at random. Each task has one outcome, whatever happens.
func TestChaos(t *testing.T) {
	kills, stops := 50, 5
	switch {
	case os.Getenv("LUASPAWN_STRESS") != "":
		kills, stops = 200, 20
	case testing.Short():
		kills, stops = 15, 2
	}
	for _, c := range []struct {
		name    string
		signal  syscall.Signal
		times   int
		retries int
		timeout time.Duration
		chunk   int
	}{
		{"killed, with retries", syscall.SIGKILL, kills, 1000, 0, 0},
		{"killed, with retries, one by one", syscall.SIGKILL, kills, 1000, 0, 1},
		{"killed", syscall.SIGKILL, kills, 0, 0, 0},
		{"stopped", syscall.SIGSTOP, stops, 0, 200 * time.Millisecond, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log")
			var s started
			p := newPoolOf(t, pool.Config{Workers: 3, Retries: c.retries, Timeout: c.timeout}, &s)
			call, err := p.Call(pool.Blob{Data: []byte("append")}, pool.Options{KeepGoing: true, Chunk: c.chunk})
			if err != nil {
				t.Fatal(err)
			}
			const each = 20 // tasks for each time that a worker is disturbed
			tasks, disturbed := 0, c.times
			more := func() {
				var b []byte
				for range each {
					b = pool.AppendTask(b, fmt.Appendf(nil, "%s %d", log, tasks))
					tasks++
				}
				if err := call.Add(b, each, nil); err != nil {
					t.Fatal(err)
				}
			}
			had := map[int]bool{}
			for range c.times {
				more()
				disturb(t, p, c.signal, had, more)
			}
			call.End()
			list := outcomes(t, call)
			kinds, seen := map[pool.Kind]int{}, map[int]bool{}
			for _, o := range list {
				if seen[o.Index] {
					t.Errorf("two outcomes of %d", o.Index)
				}
				seen[o.Index] = true
				kinds[o.Kind]++
			}
			if len(seen) != tasks {
				t.Errorf("%d outcomes, want %d", len(seen), tasks)
			}
			ran := map[string]int{}
			b, _ := os.ReadFile(log)
			for line := range strings.Lines(string(b)) {
				ran[line]++
			}
			for line, n := range ran {
				if n > 1+c.retries {
					t.Errorf("%q ran %d times", line, n)
				}
			}
			lost := kinds[pool.Lost] + kinds[pool.TimedOut]
			if kinds[pool.Done]+lost != tasks || len(ran) < kinds[pool.Done] {
				t.Errorf("outcomes %v, %d have begun", kinds, len(ran))
			}
			// On a busy machine a task's time may be over without anybody's doing.
			if c.retries > 0 && lost > 0 || c.timeout == 0 && lost > disturbed {
				t.Errorf("%d tasks were lost, %d workers disturbed", lost, disturbed)
			}
			s.Lock() // others may still be started
			t.Logf("%d workers disturbed, %d tasks lost, %d workers started", disturbed, lost, len(s.list))
			s.Unlock()
		})
	}
}

// Many pools, one after the other: TestMain looks for what they leave.
func TestManyPools(t *testing.T) {
	n := 30
	if testing.Short() {
		n = 9
	}
	for i := range n {
		p := newPool(t, pool.Config{Workers: 2})
		c := begin(t, p, "echo", pool.Options{}, numbers(10)...)
		switch i % 3 {
		case 0:
			p.Close()
		case 1:
			p.Terminate()
		case 2:
			outcomes(t, c)
			p.Kill()
		}
		await(t, p.Done())
		outcomes(t, c)
	}
}
