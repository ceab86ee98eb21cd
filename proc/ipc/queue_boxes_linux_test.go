//go:build !portable

package ipc

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
	"testing"
)

// peeksAtFiles says that the files of an item stay in the queue until it is gone.
const peeksAtFiles = true

// putNumber puts an item whose file holds the same number.
func putNumber(t testing.TB, q *Queue, n int) {
	t.Helper()
	r, w, err := os.Pipe()
	check(err)
	fmt.Fprint(w, n)
	w.Close()
	defer r.Close()
	if ok, err := q.Put(soon(t), 0, number(n), []*os.File{r}); !ok || err != nil {
		t.Fatalf("item %d: %v, %v", n, ok, err)
	}
}

// getNumber takes the item n, with its file.
func getNumber(t testing.TB, q *Queue, n int) {
	t.Helper()
	data, files, ok, err := q.Get(soon(t), 0)
	if !ok || err != nil || string(data) != string(number(n)) || len(files) != 1 {
		t.Fatalf("item %d: %x, %d files, %v, %v", n, data, len(files), ok, err)
	}
	defer closeAll(files)
	if b, err := io.ReadAll(files[0]); string(b) != strconv.Itoa(n) {
		t.Fatalf("item %d: its file holds %q, %v", n, b, err)
	}
}

// A queue without a limit takes any number of items that bring files: at the 279th a
// put waited for room in a socket, for ever if nobody took one.
func TestQueueBoxes(t *testing.T) {
	q := must(NewQueue(0, false))
	defer q.Close()
	in, out := 0, 0
	for _, round := range []struct{ put, get int }{{1000, 100}, {10, 300}, {400, 5}, {1, 1006}, {300, 280}, {500, 520}} {
		for range round.put {
			putNumber(t, q, in)
			in++
		}
		for range round.get {
			getNumber(t, q, out)
			out++
		}
	}
	if in != out || length(q) != 0 {
		t.Fatal(in, out, length(q))
	}
	for _, word := range []int{qBoxed, qTraveling, qDirectory} {
		if n := q.s.state(word); n != 0 {
			t.Errorf("word %d is %d", word, n)
		}
	}
}

// boxedQueue returns a queue whose next item makes a new box.
func boxedQueue(t *testing.T) (q *Queue, in int) {
	q = must(NewQueue(0, false))
	for q.s.state(qBoxed) < 2*perBox {
		putNumber(t, q, in)
		in++
	}
	return q, in
}

// A process may die while it puts into a new box, or goes on to the next one.
func TestQueueBoxesCrash(t *testing.T) {
	for n := 0; n < 100; n += stride() {
		q, in := boxedQueue(t)
		c := spawn(t, fmt.Sprint("queue crash box ", n), files(t, q)...)
		<-c.Done()
		code, _ := c.ExitCode()
		putNumber(t, q, in+1)
		for i := range in {
			getNumber(t, q, i)
		}
		if length(q) == 2 { // it was put
			_, files, ok, err := q.Get(background, 0)
			if closeAll(files); !ok || err != nil || len(files) != 1 {
				t.Fatal(n, ok, err, len(files))
			}
		}
		getNumber(t, q, in+1)
		check(q.Close())
		if code == 0 {
			break
		}
	}
	for n := 0; n < 100; n += stride() {
		q, in := boxedQueue(t)
		out := 0
		for q.s.state(qBoxed) > perBox+2 {
			getNumber(t, q, out)
			out++
		}
		c := spawn(t, fmt.Sprint("queue crash unbox ", n), files(t, q)...)
		<-c.Done()
		code, _ := c.ExitCode()
		for out = in - length(q); out < in; out++ {
			getNumber(t, q, out)
		}
		check(q.Close())
		if code == 0 {
			break
		}
	}
}

// What a large queue took of memory goes when it is empty.
func TestQueueGivesBack(t *testing.T) {
	q := must(NewQueue(0, false))
	defer q.Close()
	blocks := func() int64 {
		var st syscall.Stat_t
		check(syscall.Fstat(q.s.fd, &st))
		return st.Blocks * 512
	}
	for range 40 {
		must(q.Put(background, 0, make([]byte, 1<<20), nil))
	}
	if n := blocks(); n < 40<<20 || n > 70<<20 {
		t.Errorf("%d bytes for 40 MiB", n)
	}
	for range 40 {
		_, _, _, err := q.Get(background, 0)
		check(err)
	}
	if n := blocks(); n > 1<<20 {
		t.Errorf("%d bytes for nothing", n)
	}
}
