//go:build linux

package pool_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"luaspawn/proc/ipc"
	"luaspawn/proc/pool"
)

// heard collects what a link tells.
type heard struct {
	reports chan pool.Report
	gone    chan struct{}
}

func (h heard) Reported(list []pool.Report) {
	for _, r := range list {
		for one := range r.All() {
			h.reports <- one
		}
	}
}

func (heard) Ready()                         {}
func (heard) Failed([]byte)                  {}
func (heard) Finished(uint64, time.Duration) {}
func (h heard) Gone(int, pool.Task, bool)    { close(h.gone) }
func (heard) Returned(uint64, int)           {}
func (heard) TimedOut(pool.Task)             {}
func (heard) Vanished(error)                 {}

// A worker holds more than Depth chunks if they are short, and Depth of the longest that go through its ring, each with a blob as
// long.
func TestWide(t *testing.T) {
	tr := transport(t, nil)
	defer tr.Close()
	for _, c := range []struct {
		name            string
		task            []byte
		blobs           bool
		atLeast, atMost int
	}{
		{"short", []byte("x"), false, 32, 32},
		{"long", bytes.Repeat([]byte("x"), 31<<10-4), false, tr.Depth(), 20},
		{"with long blobs", bytes.Repeat([]byte("x"), 31<<10-4), true, tr.Depth(), 12},
		{"in files", bytes.Repeat([]byte("x"), 32<<10), false, tr.Depth(), tr.Depth()},
	} {
		t.Run(c.name, func(t *testing.T) {
			if body, err := ipc.NewBodyForReuse(); err == nil {
				body.Close()
			} else if len(c.task) > 31<<10 {
				t.Skip("on this system a pipe's messages aren't files, and who sends more than 200 KiB that nobody receives waits")
			}
			h := heard{make(chan pool.Report, 100), make(chan struct{})}
			link, err := tr.Start(t.Context(), pool.WorkerSpec{}, h)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				link.Stop()
				await(t, h.gone)
			}()
			name, _ := fifo(t)
			if err := link.Send(pool.Chunk{ID: 1, Call: 1, N: 1, Tasks: pool.AppendTask(nil, []byte(name))}, &pool.Blob{Data: []byte("read")}); err != nil {
				t.Fatal(err)
			}
			for { // until it runs, so that all that comes then is held
				if _, ok := link.Running(); ok {
					break
				}
				<-time.After(time.Millisecond)
			}
			held := 1
			for wide := link.(pool.Wide); !wide.Full(); held++ {
				blob := &pool.Blob{Data: []byte("echo")}
				if c.blobs {
					blob.Data = bytes.Repeat([]byte("?"), 31<<10-8)
				} else if held > 1 {
					blob = nil
				}
				call := uint64(2)
				if c.blobs {
					call += uint64(held)
				}
				if err := link.Send(pool.Chunk{ID: uint64(held + 1), Call: call, First: held, N: 1, Tasks: pool.AppendTask(nil, c.task)}, blob); err != nil {
					t.Fatalf("chunk %d: %v", held+1, err)
				}
			}
			if held < c.atLeast || held > c.atMost {
				t.Errorf("%d chunks are held, want %d to %d", held, c.atLeast, c.atMost)
			}
			if err := os.WriteFile(name, nil, 0); err != nil {
				t.Fatal(err)
			}
			for i := range held {
				var r pool.Report
				select {
				case r = <-h.reports:
				case <-time.After(patience):
					t.Fatalf("%d results came of %d", i, held)
				}
				if r.Chunk != uint64(i+1) || r.Failed != (c.blobs && i > 0) || i > 0 && !c.blobs && !bytes.Equal(r.Data, c.task) {
					t.Fatalf("result %d is of chunk %d: %v, %d bytes", i, r.Chunk, r.Failed, len(r.Data))
				}
			}
		})
	}
}
