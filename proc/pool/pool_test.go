//go:build linux

package pool_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"luaspawn/proc/pool"
)

func TestMap(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2})
	sizes := []int{0, 1, 2, 3, 10, 1000, 10_000}
	if !testing.Short() {
		sizes = append(sizes, 100_000)
	}
	for _, n := range sizes {
		for _, chunk := range []int{0, 1, 7, 100_000} {
			if n == 100_000 && chunk == 1 {
				continue
			}
			got := results(t, begin(t, p, "square", pool.Options{Chunk: chunk}, numbers(n)...))
			for i, s := range got {
				if s != strconv.Itoa(i*i) {
					t.Fatalf("%d tasks, chunks of %d: result %d is %q", n, chunk, i, s)
				}
			}
			if len(got) != n {
				t.Fatalf("%d tasks, chunks of %d: %d results", n, chunk, len(got))
			}
		}
	}
}

func TestLargeTasks(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2})
	var tasks []string
	for _, n := range []int{0, 1, 31 << 10, 31<<10 + 1, 1 << 20, 5 << 20, 3} {
		tasks = append(tasks, strings.Repeat("x", n))
	}
	for range 3 {
		if got := results(t, begin(t, p, "echo", pool.Options{}, tasks...)); !slices.Equal(got, tasks) {
			t.Fatal("not what was sent")
		}
	}
}

// Results of all sizes go through a ring that is much smaller than all of them.
func TestRing(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 1})
	var tasks []string
	for i := range 1000 {
		tasks = append(tasks, strings.Repeat("x", i*7919%40_000))
	}
	if got := results(t, begin(t, p, "echo", pool.Options{}, tasks...)); !slices.Equal(got, tasks) {
		t.Fatal("not what was sent")
	}
}

func TestFailures(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2})
	list := outcomes(t, begin(t, p, "fail", pool.Options{KeepGoing: true}, "a", "b", "c"))
	for _, o := range list {
		if want := string(rune('a' + o.Index)); o.Kind != pool.Failed || string(o.Data) != want {
			t.Errorf("%+v", o)
		}
	}
	if len(list) != 3 {
		t.Errorf("%d outcomes", len(list))
	}
	// Nothing begins after the first one, but for what the other worker had.
	if n := len(outcomes(t, begin(t, p, "fail", pool.Options{Chunk: 1}, numbers(1000)...))); n == 0 || n > 20 {
		t.Errorf("%d of 1000 tasks have begun", n)
	}
	if list := outcomes(t, begin(t, p, "no such", pool.Options{}, "x")); string(list[0].Data) != `pool: no function "no such"` {
		t.Errorf("%q", list[0].Data)
	}
}

// A worker that dies costs the task that it ran, and no other one runs twice.
func TestLost(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2})
	for _, c := range []struct {
		function, task string
		code           int
	}{{"exit", "7", 7}, {"kill", "die", -9}, {"exit", "0", 0}} {
		for _, chunk := range []int{0, 1, 64} {
			tasks := slices.Repeat([]string{"x"}, 100)
			tasks[37] = c.task
			for _, o := range outcomes(t, begin(t, p, c.function, pool.Options{Chunk: chunk, KeepGoing: true}, tasks...)) {
				switch {
				case o.Index != 37 && o.Kind == pool.Done:
				case o.Index == 37 && o.Kind == pool.Lost && o.Extra.Code == c.code && o.Worker.Pid > 0:
				default:
					t.Errorf("%v, chunks of %d: %+v", c, chunk, o)
				}
			}
		}
	}
	if w := p.Workers(); len(w) != 2 {
		t.Errorf("%d workers", len(w))
	}
}

func TestTimeout(t *testing.T) {
	for _, chunk := range []int{1, 10} {
		tasks := slices.Repeat([]string{"1ms"}, 10)
		tasks[3] = "1h"
		timesOut(t, "take", chunk, 3, tasks...)
		timesOut(t, "stop", chunk, 1, "a", "stop", "b")
	}
	p := newPool(t, pool.Config{Workers: 2, Timeout: time.Millisecond})
	if got := results(t, begin(t, p, "take", pool.Options{Timeout: time.Hour}, "100ms")); got[0] != "100ms" {
		t.Error(got)
	}
}

// timesOut sees to it that of these tasks the one that never ends times out, and no other one if the time is long enough for
// short ones: how long they take on a busy machine nobody knows.
func timesOut(t *testing.T, function string, chunk, endless int, tasks ...string) {
	t.Helper()
	for timeout := 100 * time.Millisecond; timeout < patience; timeout *= 2 {
		p := newPool(t, pool.Config{Workers: 2, Timeout: timeout})
		kinds := make([]pool.Kind, len(tasks))
		late := 0
		for _, o := range outcomes(t, begin(t, p, function, pool.Options{Chunk: chunk, KeepGoing: true}, tasks...)) {
			switch kinds[o.Index] = o.Kind; {
			case o.Kind == pool.TimedOut:
				late++
			case o.Kind != pool.Done || o.Index == endless:
				t.Errorf("%+v", o)
			}
		}
		if kinds[endless] != pool.TimedOut {
			t.Errorf("%s, chunks of %d: outcomes %v", function, chunk, kinds)
		}
		if late == 1 || t.Failed() {
			return
		}
	}
	t.Errorf("%s, chunks of %d: however long the time is, others time out too", function, chunk)
}

func TestRetries(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2, Retries: 2})
	list := outcomes(t, begin(t, p, "kill", pool.Options{KeepGoing: true}, "a", "die", "b"))
	lost := 0
	for _, o := range list {
		if o.Kind == pool.Lost {
			lost++
		}
	}
	if len(list) != 3 || lost != 1 {
		t.Errorf("%+v", list)
	}
	name := filepath.Join(t.TempDir(), "log")
	results(t, begin(t, p, "append", pool.Options{}, name+" x"))
	if b, _ := os.ReadFile(name); string(b) != "x\n" {
		t.Errorf("%q", b)
	}
}

func TestSetup(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2, Setup: &pool.Blob{Data: []byte("setup")}})
	if got := results(t, begin(t, p, "prepared", pool.Options{Chunk: 1}, numbers(10)...)); slices.Contains(got, "false") {
		t.Error(got)
	}
	for function, reason := range map[string]string{"bad setup": "as was asked for", "exit setup": "a worker has ended with status 3 before it was ready"} {
		var s started
		p := newPoolOf(t, pool.Config{Workers: 2, Setup: &pool.Blob{Data: []byte(function)}}, &s)
		c, err := p.Call(pool.Blob{Data: []byte("prepared")}, pool.Options{})
		if err == nil {
			if err = c.AddLast(pool.AppendTask(nil, nil), 1, nil); err == nil {
				err = outcomes(t, c)[0].Extra.Err
			}
		}
		var broken *pool.BrokenError
		if !errors.As(err, &broken) || broken.Reason != reason || !broken.Setup {
			t.Errorf("%s: %v", function, err)
		}
		if _, err := p.Call(pool.Blob{}, pool.Options{}); !errors.As(err, &broken) {
			t.Error(err)
		}
		s.Lock()
		if len(s.list) != 2 {
			t.Errorf("%s: %d workers were started", function, len(s.list))
		}
		s.Unlock()
	}
}

func TestMaxTasks(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2, MaxTasks: 3})
	count := map[string]int{}
	for _, pid := range results(t, begin(t, p, "pid", pool.Options{}, numbers(31)...)) {
		count[pid]++
	}
	for pid, n := range count {
		if n > 3 {
			t.Errorf("worker %s had %d tasks", pid, n)
		}
	}
}

func TestEnds(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2})
	if err := p.Join(t.Context()); err != pool.ErrRunning {
		t.Error(err)
	}
	c := begin(t, p, "take", pool.Options{}, "1ms", "50ms", "1ms", "50ms", "1ms")
	p.Close()
	if _, err := p.Call(pool.Blob{}, pool.Options{}); err != pool.ErrNotRunning {
		t.Error(err)
	}
	await(t, p.Done())
	if len(results(t, c)) != 5 {
		t.Error("not all was done")
	}

	p = newPool(t, pool.Config{Workers: 2})
	c = begin(t, p, "take", pool.Options{}, "1h", "1h", "1h")
	p.Terminate()
	await(t, p.Done())
	for _, o := range outcomes(t, c) {
		if o.Kind != pool.Broken || o.Extra.Err != pool.ErrTerminated {
			t.Errorf("%+v", o)
		}
	}
}

func TestCancel(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 1})
	name, begun := fifo(t)
	first := begin(t, p, "hang", pool.Options{}, name)
	begun()
	if !first.Begun() {
		t.Error("the first one runs and has not begun")
	}
	second := begin(t, p, "take", pool.Options{}, "1h")
	if !second.Cancel() || first.Cancel() {
		t.Error("the wrong one was cancelled")
	}
	if len(outcomes(t, second)) != 0 {
		t.Error("a cancelled call has outcomes")
	}
	third := begin(t, p, "echo", pool.Options{}, "x")
	first.Abort()
	if got := results(t, third); got[0] != "x" {
		t.Error(got)
	}
}

// A worker that has nothing gets what another one has not begun.
func TestSpread(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2})
	for both := false; !both; { // until both workers are there
		got := results(t, begin(t, p, "pid", pool.Options{Chunk: 1}, numbers(100)...))
		both = slices.ContainsFunc(got, func(pid string) bool { return pid != got[0] })
	}
	// The one that begins the chunk can't go on until the other one has taken what is left of it.
	name := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	c := begin(t, p, "meet", pool.Options{Chunk: 20}, append(slices.Repeat([]string{""}, 18), "r "+name, "w "+name)...)
	met := map[*pool.Worker]bool{}
	for _, o := range outcomes(t, c) {
		if o.Kind != pool.Done {
			t.Errorf("%+v", o)
		}
		if o.Index >= 18 {
			met[o.Worker] = true
		}
	}
	if len(met) != 2 {
		t.Errorf("%d workers had two tasks that wait for each other", len(met))
	}
}

func TestWorkers(t *testing.T) {
	p := newPool(t, pool.Config{Workers: 2, Name: "P", Retries: 1})
	var names []string
	var begun []func()
	for range 2 {
		name, b := fifo(t)
		names, begun = append(names, name), append(begun, b)
	}
	c := begin(t, p, "hang", pool.Options{}, names...)
	begun[0]()
	begun[1]()
	list := p.Workers()
	for i, w := range list {
		if w.Name != "P-Worker-"+strconv.Itoa(i+1) || w.Pid == 0 || w.Tasks != 0 || !w.Busy {
			t.Errorf("%+v", w)
		}
	}
	if len(list) != 2 || list[0].Index+list[1].Index != 1 {
		t.Fatalf("%+v", list)
	}
	syscall.Kill(list[0].Pid, syscall.SIGKILL)
	begun[list[0].Index]() // its task is tried again, by the worker that takes its place
	if again := p.Workers(); len(again) != 2 || again[0].Name != "P-Worker-2" || again[1].Name != "P-Worker-3" || again[1].Index != list[0].Index {
		t.Errorf("%+v", again)
	}
	c.Abort()
}
