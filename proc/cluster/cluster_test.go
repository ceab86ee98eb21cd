//go:build linux

package cluster_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"luaspawn/proc/cluster"
	"luaspawn/proc/internal/session"
	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

// What a local pool does, one over machines does.
func TestPool(t *testing.T) {
	c := newTown(t)
	c.work(2)
	c.work(1)
	p := c.pool(pool.Config{Setup: &pool.Blob{Data: []byte("setup")}, MaxTasks: 200}, nil)
	if got := results(t, begin(t, p, "echo", pool.Options{}, numbers(1000)...)); !slices.Equal(got, numbers(1000)) {
		t.Errorf("%d results that begin with %q", len(got), got[:10])
	}
	if got := results(t, begin(t, p, "prepared", pool.Options{}, numbers(20)...)); slices.Contains(got, "false") {
		t.Errorf("prepared: %q", got)
	}
	kind := func(function string, want pool.Kind, opt pool.Options) pool.Outcome {
		t.Helper()
		list := outcomes(t, begin(t, p, function, opt, "the task"))
		if len(list) != 1 || list[0].Kind != want {
			t.Fatalf("%s: %+v, want kind %v", function, list, want)
		}
		return list[0]
	}
	if o := kind("fail", pool.Failed, pool.Options{}); string(o.Data) != "the task" || o.Worker.Pid == 0 || !strings.HasPrefix(o.Worker.Host, "machine-") {
		t.Errorf("%q by %+v", o.Data, o.Worker)
	}
	if o := kind("exit", pool.Lost, pool.Options{}); o.Extra.Code != 7 || o.Extra.Err != nil {
		t.Errorf("%+v", o.Extra)
	}
	kind("hang", pool.TimedOut, pool.Options{Timeout: 100 * time.Millisecond})
	large := strings.Repeat("x", 4<<20)
	if got := results(t, begin(t, p, "echo", pool.Options{}, large)); got[0] != large {
		t.Errorf("%d bytes came back of %d", len(got[0]), len(large))
	}
	results(t, begin(t, p, "print", pool.Options{}, "said by a worker"))
	p.Close()
	await(t, p.Done())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.output.String() != "said by a worker\n" {
		t.Errorf("output %q", c.output.String())
	}
}

// Single tasks, of which a worker's host keeps more than its child holds: each is done once, whatever ends the
// worker, by order or not, and a call that is cancelled gives back what waits.
func TestSingles(t *testing.T) {
	c := newTown(t)
	c.work(1)
	log := filepath.Join(t.TempDir(), "log")
	singles := func(p *pool.Pool, function string, n int) *pool.Call {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("%s %d", log, i)
		}
		return begin(t, p, function, pool.Options{Chunk: 1, KeepGoing: true}, list...)
	}
	echoes, appended, exits, many := 1000, 300, 40, 10_000
	if testing.Short() {
		echoes, appended, exits, many = 200, 150, 12, 2000
	}
	p := c.pool(pool.Config{MaxTasks: 70}, nil)
	results(t, singles(p, "echo", echoes))
	call := singles(p, "append", appended)
	p.Close()
	if got := results(t, call); got[appended-1] != strconv.Itoa(appended-1) {
		t.Errorf("%q", got)
	}
	await(t, p.Done())
	awaitLines(t, log, appended)
	p = c.pool(pool.Config{}, nil)
	results(t, singles(p, "echo", 200)) // so that it is known how long one takes
	if list := outcomes(t, singles(p, "exit", exits)); slices.ContainsFunc(list, func(o pool.Outcome) bool { return o.Kind != pool.Lost || o.Extra.Code != 7 }) {
		t.Errorf("%+v", list)
	}
	call = singles(p, "append", many)
	<-call.Ready()
	call.Stop()
	outcomes(t, call)
	results(t, singles(p, "echo", 200))
}

// A task that a machine can't keep fails, and nothing else does: neither the machine's other tasks, nor those
// of the same call that come to that worker later.
func TestNoRoom(t *testing.T) {
	c := newTown(t)
	c.work(1, "CLUSTER_TEST_LARGEST_FILE="+strconv.Itoa(4<<20))
	p := c.pool(pool.Config{}, nil)
	before := results(t, begin(t, p, "pid", pool.Options{}, ""))
	list := outcomes(t, begin(t, p, "length", pool.Options{Chunk: 1, KeepGoing: true}, strings.Repeat("x", 8<<20), strings.Repeat("x", 1<<20), "x"))
	slices.SortFunc(list, func(a, b pool.Outcome) int { return a.Index - b.Index })
	why := "can't keep"
	if !cluster.PassesFiles { // then it is in memory, and the way to a child is a file
		why = "file too large"
	}
	if o := list[0]; o.Kind != pool.Undelivered || !strings.Contains(o.Extra.Err.Error(), why) || o.Worker.Host != "machine-1" {
		t.Errorf("%+v %+v", o, o.Extra)
	}
	if string(list[1].Data) != strconv.Itoa(1<<20) || string(list[2].Data) != "1" {
		t.Errorf("%+v", list[1:])
	}
	if after := results(t, begin(t, p, "pid", pool.Options{}, "")); after[0] != before[0] {
		t.Errorf("worker %s has become %s", before[0], after[0])
	}
}

// A large argument and its result come whole, though the bridge is killed that has parts of them in the memory
// that it shares with the script.
func TestBridgeKilled(t *testing.T) {
	c := newTown(t)
	c.work(1)
	p := c.pool(pool.Config{}, nil)
	results(t, begin(t, p, "echo", pool.Options{}, "x"))
	large, kills := strings.Repeat("0123456789abcdef", 1<<20), 4
	if testing.Short() {
		large, kills = large[:4<<20], 2
	}
	for i := range kills {
		call := begin(t, p, "echo", pool.Options{}, large)
		if i%2 == 1 { // when the result is on its way, or is soon
			for !call.Begun() {
				<-time.After(time.Millisecond)
			}
		}
		if !strike(t, c, victim{name: "bridge", pick: func(c *town) []int {
			c.mu.Lock()
			defer c.mu.Unlock()
			return ours(c.bridges)
		}}, syscall.SIGKILL, 0) {
			t.Error("the bridge was not there")
		}
		if got := results(t, call); got[0] != large {
			t.Fatalf("%d bytes came back of %d", len(got[0]), len(large))
		}
	}
}

// A large blob goes to a machine once, whichever pools and workers need it; a small one comes with its call.
func TestBlobOnce(t *testing.T) {
	c := newTown(t)
	c.work(2)
	worker, err := session.ReadKey(c.dir+"/"+session.WorkerFile, session.ParseWorkerKey)
	if err != nil {
		t.Fatal(err)
	}
	nc, _ := c.as("worker", worker.Password)
	heard, err := nc.SubscribeSync(says + "worker.*") // all that goes to machines
	if err != nil {
		t.Fatal(err)
	}
	heard.SetPendingLimits(-1, -1)
	nc.Flush()
	sent := func() (bytes int) {
		nc.Flush() // what the server has passed on has come then
		for {
			if n, _, err := heard.Pending(); n == 0 || err != nil {
				return bytes
			}
			m, err := heard.NextMsg(patience)
			if err != nil {
				t.Fatal(err)
			}
			bytes += len(m.Data)
		}
	}
	const size = 3 << 20
	call := func(name string, p *pool.Pool) int {
		blob := pool.Blob{Data: append([]byte(name), make([]byte, size)...)}
		call, err := p.Call(blob, pool.Options{Chunk: 1})
		if err != nil {
			t.Fatal(err)
		}
		var tasks []byte
		for range 20 {
			tasks = pool.AppendTask(tasks, []byte("x"))
		}
		if err := call.AddLast(tasks, 20, nil); err != nil {
			t.Fatal(err)
		}
		results(t, call)
		return sent()
	}
	first := c.pool(pool.Config{}, nil)
	if n := call("upper", first); n < size {
		t.Errorf("%d bytes were sent, want the blob's %d at least", n, size)
	}
	second := c.pool(pool.Config{}, nil)
	have := []*pool.Pool{first}
	if cluster.PassesFiles { // else nobody keeps it for another pool
		have = append(have, second)
	}
	for i, p := range have {
		if n := call("upper", p); n > size/2 {
			t.Errorf("%d: %d bytes were sent of a blob that is there", i, n)
		}
	}
	if n := call("echo", second); n < size {
		t.Errorf("%d bytes were sent of another blob, want %d at least", n, size)
	}
}

// Machines come and go while a call is under way.
func TestWorkersComeAndGo(t *testing.T) {
	c := newTown(t)
	p := c.pool(pool.Config{}, nil)
	call := begin(t, p, "pid", pool.Options{Chunk: 1}, "")
	if some, over := call.Take(); some.Len() > 0 || over {
		t.Fatalf("there is no worker, and %v", some)
	}
	first := c.work(1)
	results(t, call)
	hanging := begin(t, p, "hang", pool.Options{}, "")
	for !hanging.Begun() {
		<-time.After(time.Millisecond)
	}
	since := time.Now()
	first.kill()
	list := outcomes(t, hanging)
	if len(list) != 1 || list[0].Kind != pool.Lost || !errors.Is(list[0].Extra.Err, remote.ErrGone) {
		t.Fatalf("%+v", list)
	}
	t.Logf("a machine was missed after %v", time.Since(since))
	second := c.work(1)
	results(t, begin(t, p, "pid", pool.Options{}, ""))
	second.end() // in order
	third := c.work(1, "CLUSTER_TEST_NAME=third")
	list = outcomes(t, begin(t, p, "pid", pool.Options{}, ""))
	if list[0].Worker.Host != "third" {
		t.Errorf("done by %+v", list[0].Worker)
	}
	third.end()
}

// An initializer that fails breaks the pool.
func TestBadSetup(t *testing.T) {
	c := newTown(t)
	c.work(1)
	p := c.pool(pool.Config{Setup: &pool.Blob{Data: []byte("bad")}}, nil)
	list := outcomes(t, begin(t, p, "echo", pool.Options{}, "x"))
	var broken *pool.BrokenError
	if len(list) != 1 || list[0].Kind != pool.Broken || !errors.As(list[0].Extra.Err, &broken) || broken.Reason != "as was asked for" {
		t.Errorf("%+v", list)
	}
}

// What workers print may have to wait for whoever reads it, longer than a lease: meanwhile nothing is heard of any
// machine. All machines were lost by that, with their tasks.
func TestOutputWaits(t *testing.T) {
	const lease = 5 * time.Second // a busy machine may keep a worker silent for a while
	c := newTown(t)
	c.work(1)
	waits, goOn := make(chan struct{}), make(chan struct{})
	var printed strings.Builder
	p := c.pool(pool.Config{}, func(cfg *remote.Config) {
		cfg.Lease = lease
		cfg.Output = func(_ int, text []byte) {
			if printed.Len() == 0 {
				close(waits)
				<-goOn
			}
			printed.Write(text)
		}
	})
	before := results(t, begin(t, p, "pid", pool.Options{}, ""))
	printing := begin(t, p, "print", pool.Options{}, "words")
	await(t, waits)
	<-time.After(lease * 3 / 2)
	close(goOn)
	results(t, printing)
	if after := results(t, begin(t, p, "pid", pool.Options{}, "")); !slices.Equal(after, before) {
		t.Errorf("process %s was the worker, now it is %s", before, after)
	}
}
