//go:build linux

package cluster_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"luaspawn/proc/cluster/session"
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
func BenchmarkTasks(b *testing.B) {
	_, p := benchPool(b, 2)
	c, err := p.Call(pool.Blob{Data: []byte("echo")}, pool.Options{})
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
	for _, over := c.Take(nil); !over; _, over = c.Take(nil) {
		<-c.Ready()
	}
}

const large = 64 << 20

// A large argument, to one worker.
func BenchmarkLarge(b *testing.B) {
	_, p := benchPool(b, 1)
	task := string(make([]byte, large))
	b.SetBytes(large)
	for b.Loop() {
		results(b, begin(b, p, "length", pool.Options{}, task))
	}
}

// What core NATS takes for a request, to compare with.
func BenchmarkRequest(b *testing.B) {
	c := newTown(b)
	nc, other := c.bare(b)
	sub, err := other.Subscribe("ls.1.worker.echo", func(m *nats.Msg) { other.Publish("ls.1.pool.echo", m.Data) })
	if err != nil {
		b.Fatal(err)
	}
	defer sub.Unsubscribe()
	back, err := nc.SubscribeSync("ls.1.pool.echo")
	if err != nil {
		b.Fatal(err)
	}
	nc.Flush()
	other.Flush()
	for b.Loop() {
		nc.Publish("ls.1.worker.echo", []byte("x"))
		if _, err := back.NextMsg(patience); err != nil {
			b.Fatal(err)
		}
	}
}

// What core NATS takes for 64 MiB in pieces, to compare with.
func BenchmarkPieces(b *testing.B) {
	c := newTown(b)
	nc, other := c.bare(b)
	came := make(chan int, 1<<16)
	sub, err := other.Subscribe("ls.1.worker.piece", func(m *nats.Msg) { came <- len(m.Data) })
	if err != nil {
		b.Fatal(err)
	}
	sub.SetPendingLimits(-1, -1)
	other.Flush()
	piece := make([]byte, 128<<10)
	b.SetBytes(large)
	for b.Loop() {
		go func() {
			for range large / len(piece) {
				nc.Publish("ls.1.worker.piece", piece)
			}
			nc.Flush()
		}()
		for n := 0; n < large; {
			select {
			case size := <-came:
				n += size
			case <-time.After(patience):
				b.Fatal("not all has come")
			}
		}
	}
}

// bare returns connections of both roles.
func (c *town) bare(b *testing.B) (script, worker *nats.Conn) {
	key, err := session.ReadKey(c.dir+"/"+session.WorkerFile, session.ParseWorkerKey)
	if err != nil {
		b.Fatal(err)
	}
	script, _ = c.as("script", c.script.Password)
	worker, _ = c.as("worker", key.Password)
	return script, worker
}
