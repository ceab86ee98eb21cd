//go:build linux

package pool_test

import (
	"strconv"
	"testing"

	"luaspawn/proc/pool"
)

func benchmark(b *testing.B, n, chunk int) {
	p := newPool(b, pool.Config{Workers: 2})
	var tasks []byte
	for i := range n {
		tasks = pool.AppendTask(tasks, strconv.AppendInt(nil, int64(i), 10))
	}
	for b.Loop() {
		c, err := p.Call(pool.Blob{Data: []byte("echo")}, pool.Options{Chunk: chunk})
		if err != nil {
			b.Fatal(err)
		}
		c.AddLast(tasks, n, nil)
		for over := false; !over; {
			<-c.Ready()
			_, over = c.Take()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/task")
}

func BenchmarkTiny(b *testing.B)   { benchmark(b, 1_000_000, 0) }
func BenchmarkChunk1(b *testing.B) { benchmark(b, 20_000, 1) }
func BenchmarkApply(b *testing.B)  { benchmark(b, 1, 1) }

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		p := newPool(b, pool.Config{Workers: 2})
		outcomes(b, begin(b, p, "echo", pool.Options{}, "1", strconv.Itoa(2)))
		p.Close()
		await(b, p.Done())
	}
}
