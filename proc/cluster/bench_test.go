//go:build linux

package cluster_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/session"
	"luaspawn/proc/pool"
)

// benchPool returns a pool with one machine of so many workers that has worked before.
func benchPool(b *testing.B, workers int) (*town, *pool.Pool) {
	c := newTown(b)
	c.work(workers)
	p := c.pool(pool.Config{}, nil)
	results(b, begin(b, p, "echo", pool.Options{}, numbers(100*workers)...))
	b.ResetTimer()
	return c, p
}

// One task, from its call to its result.
func BenchmarkRoundTrip(b *testing.B) {
	_, p := benchPool(b, 1)
	for b.Loop() {
		results(b, begin(b, p, "echo", pool.Options{}, "x"))
	}
}

// Tiny tasks in one call.
func BenchmarkTasks(b *testing.B) { benchTasks(b, pool.Options{}) }

// The same, each sent by itself.
func BenchmarkSingles(b *testing.B) { benchTasks(b, pool.Options{Chunk: 1}) }

func benchTasks(b *testing.B, opt pool.Options) {
	town, p := benchPool(b, 2)
	before := town.spent()
	c, err := p.Call(pool.Blob{Data: []byte("echo")}, opt)
	if err != nil {
		b.Fatal(err)
	}
	var tasks []byte
	for range b.N {
		tasks = pool.AppendTask(tasks, []byte("x"))
	}
	if err := c.AddLast(tasks, b.N, nil); err != nil {
		b.Fatal(err)
	}
	for _, over := c.Take(); !over; _, over = c.Take() {
		<-c.Ready()
	}
	used := spent{}
	used.add(before, town.spent())
	used.log(b)
}

const large = 64 << 20

// A large argument, to one worker, and in turn the same bytes by core NATS, in pieces that the receiver
// puts together: "of-NATS" is the ratio of both rates, "cpu-of-NATS" that of the processor time of all processes.
func BenchmarkLarge(b *testing.B) {
	benchLarge(b, "length", make([]byte, large))
}

// The same of a large result.
func BenchmarkLargeResult(b *testing.B) {
	benchLarge(b, "zeros", strconv.AppendInt(nil, large, 10))
}

func benchLarge(b *testing.B, function string, task []byte) {
	c, p := benchPool(b, 1)
	nc, other := c.bare(b)
	whole := make(chan []byte, 1)
	var came []byte
	sub, err := other.Subscribe(says+"worker.piece", func(m *nats.Msg) {
		if came == nil {
			came = make([]byte, 0, large)
		}
		if came = append(came, m.Data...); len(came) == large {
			whole <- came
			came = nil
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	sub.SetPendingLimits(-1, -1)
	other.Flush()
	piece := make([]byte, 128<<10)
	tasks := pool.AppendTask(nil, task)
	b.SetBytes(large)
	var ours, theirs time.Duration
	usedByUs, usedByThem := spent{}, spent{}
	for range b.N {
		began, before := time.Now(), c.spent()
		call, err := p.Call(pool.Blob{Data: []byte(function)}, pool.Options{})
		if err != nil {
			b.Fatal(err)
		}
		call.AddLast(tasks, 1, nil)
		if list := outcomes(b, call); list[0].Kind != pool.Done {
			b.Fatalf("%+v", list[0])
		}
		ours += time.Since(began)
		b.StopTimer()
		usedByUs.add(before, c.spent())
		began, before = time.Now(), c.spent()
		for range large / len(piece) {
			nc.Publish(says+"worker.piece", piece)
		}
		nc.Flush()
		select {
		case <-whole:
		case <-time.After(patience):
			b.Fatal("not all has come")
		}
		theirs += time.Since(began)
		usedByThem.add(before, c.spent())
		b.StartTimer()
	}
	b.ReportMetric(float64(theirs)/float64(ours), "of-NATS")
	b.ReportMetric(float64(usedByUs.all())/float64(usedByThem.all()), "cpu-of-NATS")
	usedByUs.log(b)
	usedByThem.log(b)
}

// spent is how much processor time the processes of a town have used, by their role.
type spent map[string]time.Duration

func (s spent) add(before, after spent) {
	for role, d := range after {
		s[role] += d - before[role]
	}
}

func (s spent) all() (sum time.Duration) {
	for _, d := range s {
		sum += d
	}
	return sum
}

// log tells how much it is for one run of a benchmark.
func (s spent) log(b *testing.B) {
	line := ""
	for _, role := range slices.Sorted(maps.Keys(s)) {
		line += fmt.Sprintf("%s %v, ", role, s[role]/time.Duration(b.N))
	}
	b.Logf("%sin all %v of processor time each", line, s.all()/time.Duration(b.N))
}

func (c *town) spent() spent {
	s := spent{}
	of := func(role string, pid int) {
		var ts unix.Timespec
		if unix.ClockGettime(int32(^pid<<3|2), &ts) == nil { // the clock of a process, see clock_getcpuclockid(3)
			s[role] += time.Duration(ts.Nano())
		}
	}
	of("script", os.Getpid())
	of("server", c.server.Process.Pid)
	for _, pid := range c.bridges {
		of("bridge", pid)
	}
	for _, w := range c.workers {
		of("luaspawnd", w.Process.Pid)
		for _, host := range childrenOf(w.Process.Pid) {
			of("host", host)
			for _, pid := range childrenOf(host) {
				of("child", pid)
			}
		}
	}
	return s
}

// What core NATS takes for a request, to compare with.
func BenchmarkRequest(b *testing.B) {
	c := newTown(b)
	nc, other := c.bare(b)
	sub, err := other.Subscribe(says+"worker.echo", func(m *nats.Msg) { other.Publish(says+"pool.echo", m.Data) })
	if err != nil {
		b.Fatal(err)
	}
	defer sub.Unsubscribe()
	back, err := nc.SubscribeSync(says + "pool.echo")
	if err != nil {
		b.Fatal(err)
	}
	nc.Flush()
	other.Flush()
	for b.Loop() {
		nc.Publish(says+"worker.echo", []byte("x"))
		if _, err := back.NextMsg(patience); err != nil {
			b.Fatal(err)
		}
	}
}

// bare returns connections of both roles.
func (c *town) bare(b *testing.B) (script, worker *nats.Conn) {
	key, err := session.ReadKey(c.dir+"/"+session.WorkerFile, session.ParseWorkerKey)
	if err != nil {
		b.Fatal(err)
	}
	script, _ = c.as("script", c.script.Password())
	worker, _ = c.as("worker", key.Password)
	return script, worker
}
