package ipc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

func number(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

func childQueue(files []*os.File, rest string) int {
	if rest == "crowd" {
		return crowdQueue()
	}
	q := must(OpenQueue(files[:queueFiles]))
	what, rest, _ := strings.Cut(rest, " ")
	switch what {
	case "produce": // who many: numbers, with padding that makes the ring turn
		var who, many int
		fmt.Sscan(rest, &who, &many)
		for i := range many {
			item := append(number(who), number(i)...)
			must(q.Put(background, Forever, append(item, make([]byte, i*37%1000)...), nil))
		}
	case "consume": // into another queue
		out := must(OpenQueue(files[queueFiles:]))
		for {
			item, _, _, err := q.Get(background, Forever)
			check(err)
			must(out.Put(background, Forever, item[:8], nil))
		}
	case "crash":
		work, at, _ := strings.Cut(rest, " ")
		left := must(strconv.Atoi(at))
		q.s.step = func() {
			if left--; left < 0 {
				dieNow()
			}
		}
		r, w, err := os.Pipe()
		check(err)
		switch work {
		case "put":
			must(q.Put(background, Forever, []byte("child"), []*os.File{r}))
			must(q.Put(background, Forever, make([]byte, 300<<10), nil)) // the ring grows
		case "give":
			must(q.Put(background, Forever, nil, files[queueFiles:]))
		case "take":
			_, files, _, err := q.Get(background, Forever)
			check(err)
			closeAll(files)
		case "box":
			must(q.Put(background, Forever, []byte("child"), []*os.File{r}))
		case "unbox":
			for range 4 {
				_, files, _, err := q.Get(background, Forever)
				check(err)
				closeAll(files)
			}
		case "get":
			for range 2 {
				_, files, _, err := q.Get(background, Forever)
				check(err)
				closeAll(files)
			}
			check(q.TaskDone(background))
		}
		w.Close()
	}
	return 0
}

// queueFiles is how many files a queue has.
const queueFiles = segmentFiles + courierFiles

func TestQueue(t *testing.T) {
	q := must(NewQueue(2, true))
	defer q.Close()
	if _, _, ok, err := q.Get(background, 0); ok || err != nil {
		t.Error(ok, err)
	}
	for i := range 2 {
		if !must(q.Put(background, 0, number(i), nil)) {
			t.Error("full")
		}
	}
	if must(q.Put(background, 1e6, number(2), nil)) || length(q) != 2 {
		t.Error("not full")
	}
	for i := range 2 {
		data, files, ok, err := q.Get(background, 0)
		if !bytes.Equal(data, number(i)) || files != nil || !ok || err != nil {
			t.Error(data, files, ok, err)
		}
	}
	if must(q.Join(background, 1e6)) {
		t.Error("joined")
	}
	check(q.TaskDone(background))
	check(q.TaskDone(background))
	if !must(q.Join(background, Forever)) {
		t.Error("not joined")
	}
	if err := q.TaskDone(background); err != ErrTasks {
		t.Error(err)
	}
}

// An item that a handle had taken which is closed isn't done: anybody may say so.
func TestQueueClosed(t *testing.T) {
	q := must(NewQueue(0, true))
	defer q.Close()
	must(q.Put(background, 0, number(1), nil))
	other := must(OpenQueue(files(t, q)))
	if _, _, ok, err := other.Get(background, 0); !ok || err != nil {
		t.Fatal(ok, err)
	}
	check(other.Close())
	if must(q.Join(background, 0)) {
		t.Error("joined")
	}
	check(q.TaskDone(background))
	if !must(q.Join(background, 0)) {
		t.Error("not joined")
	}
}

// Items of all sizes come out as they went in, however the ring turns and grows.
func TestQueueSizes(t *testing.T) {
	q := must(NewQueue(0, false))
	defer q.Close()
	item := func(i int) []byte {
		b := make([]byte, i*i*7%(100+i*300))
		for j := range b {
			b[j] = byte(i + j)
		}
		return b
	}
	in, out := 0, 0
	for in < 500 {
		for range 1 + in%17 {
			must(q.Put(background, 0, item(in), nil))
			in++
		}
		for range in % 13 {
			if data, _, ok, err := q.Get(background, 0); ok {
				if !bytes.Equal(data, item(out)) {
					t.Fatalf("item %d is torn", out)
				}
				out++
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
	for ; out < in; out++ {
		if data, _, _, err := q.Get(background, 0); !bytes.Equal(data, item(out)) || err != nil {
			t.Fatalf("item %d is torn, %v", out, err)
		}
	}
}

// Several produce and several consume: nothing is lost, nothing comes twice, and
// what one has produced keeps its order.
func TestQueueMany(t *testing.T) {
	q, out := must(NewQueue(50, false)), must(NewQueue(0, false))
	defer q.Close()
	defer out.Close()
	const each = 2000
	for who := range 3 {
		spawn(t, fmt.Sprint("queue produce ", who, " ", each), files(t, q)...)
		spawn(t, "queue consume", files(t, q, out)...)
	}
	next := map[[2]uint32]bool{}
	for range 3 * each {
		data, _, _, err := out.Get(soon(t), Forever)
		check(err)
		key := [2]uint32{binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:])}
		if next[key] {
			t.Fatal("twice:", key)
		}
		next[key] = true
	}
}

// A process may die before any word that it changes: what it put is there as a
// whole or not at all, with its files, and so is what it took. Where files can't be looked
// at, who dies when it has received them has taken the item.
func TestQueueCrash(t *testing.T) {
	for n := 0; n < 100; n += stride() {
		q := must(NewQueue(0, true))
		c := spawn(t, fmt.Sprint("queue crash put ", n), files(t, q)...)
		<-c.Done()
		code, _ := c.ExitCode()
		want := length(q)
		must(q.Put(soon(t), Forever, []byte("parent"), nil))
		for i := range want {
			data, files, ok, err := q.Get(background, 0)
			if !ok || err != nil || i == 0 && (string(data) != "child" || len(files) != 1) || i == 1 && len(data) != 300<<10 {
				t.Fatalf("%d: item %d: %d bytes, %d files, %v", n, i, len(data), len(files), err)
			}
			closeAll(files)
			check(q.TaskDone(background))
		}
		if data, _, _, err := q.Get(background, 0); string(data) != "parent" || err != nil {
			t.Fatalf("%d: got %q, %v", n, data, err)
		}
		check(q.TaskDone(background))
		if !must(q.Join(soon(t), Forever)) {
			t.Error("not joined")
		}
		check(q.Close())
		if code == 0 {
			break
		}
	}
	for n := 0; n < 100; n += stride() {
		q := must(NewQueue(0, true))
		r, w, err := os.Pipe()
		check(err)
		for i := range 4 {
			must(q.Put(background, 0, number(i), []*os.File{r}))
		}
		r.Close()
		w.Close()
		c := spawn(t, fmt.Sprint("queue crash get ", n), files(t, q)...)
		<-c.Done()
		code, _ := c.ExitCode()
		left := length(q)
		for i := 4 - left; i < 4; i++ {
			data, files, ok, err := q.Get(soon(t), 0)
			if i == 4-left && !peeksAtFiles && bytes.Equal(data, number(i+1)) {
				i++ // the dead one had received the files
			}
			if !ok || err != nil || !bytes.Equal(data, number(i)) || len(files) != 1 {
				t.Fatalf("%d: item %d: %x, %d files, %v", n, i, data, len(files), err)
			}
			closeAll(files)
			check(q.TaskDone(background))
		}
		if !must(q.Join(soon(t), Forever)) {
			t.Error("not joined")
		}
		check(q.Close())
		if code == 0 {
			break
		}
	}
}

func BenchmarkQueue(b *testing.B) {
	q := must(NewQueue(0, false))
	defer q.Close()
	item := number(1)
	for b.Loop() {
		must(q.Put(background, Forever, item, nil))
		_, _, _, err := q.Get(background, Forever)
		check(err)
	}
}

func length(q *Queue) int {
	n, _, err := q.Len(background)
	check(err)
	return n
}

// A file that is longer than it has to be, since a queue that was to grow found no room for all of it, is left as it is.
func TestExtend(t *testing.T) {
	m, err := newMemory(4096)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	const size = 3 << 20
	for _, n := range []uint64{size, size / 2, size} {
		if err := m.extend(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.pread(make([]byte, 1), size-1); err != nil {
		t.Error(err)
	}
}
