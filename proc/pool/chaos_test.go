//go:build linux

package pool_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"luaspawn/proc/pool"
)

// disturb sends signals to workers of p that have begun to work, at random, until stop
// is called, which returns how many they were.
func disturb(p *pool.Pool, signal syscall.Signal, pause time.Duration) (stop func() int) {
	over, stopped := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-over:
				stopped <- n
				return
			case <-time.After(time.Duration(rand.Int64N(int64(2 * pause)))):
			}
			list := p.Workers()
			if len(list) == 0 {
				continue
			}
			if w := list[rand.IntN(len(list))]; w.Tasks > 0 || w.Busy {
				syscall.Kill(w.Pid, signal)
				n++
			}
		}
	}()
	return func() int {
		close(over)
		return <-stopped
	}
}

// Workers are killed, or stopped, at random. Each task has one outcome, whatever happens.
func TestChaos(t *testing.T) {
	tasks := 1000
	switch {
	case testing.Short():
		tasks = 300
	case os.Getenv("LUASPAWN_STRESS") != "":
		tasks = 10_000
	}
	for _, c := range []struct {
		name    string
		signal  syscall.Signal
		retries int
		timeout time.Duration
		chunk   int
	}{
		{"killed, with retries", syscall.SIGKILL, 1000, 0, 0},
		{"killed, with retries, one by one", syscall.SIGKILL, 1000, 0, 1},
		{"killed", syscall.SIGKILL, 0, 0, 0},
		{"stopped", syscall.SIGSTOP, 0, 200 * time.Millisecond, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log")
			var s started
			p := newPoolOf(t, pool.Config{Workers: 3, Retries: c.retries, Timeout: c.timeout}, &s)
			stop := disturb(p, c.signal, 3*time.Millisecond+c.timeout/4)
			call := begin(t, p, "append", pool.Options{KeepGoing: true, Chunk: c.chunk}, prefixed(log+" ", numbers(tasks))...)
			list := outcomes(t, call)
			disturbed := stop()
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

func prefixed(with string, list []string) []string {
	for i := range list {
		list[i] = with + list[i]
	}
	return list
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
