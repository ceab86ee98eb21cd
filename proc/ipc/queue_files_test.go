//go:build linux

package ipc

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
	"testing"
)

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

// crowdQueue puts items until the system takes no more of a user's descriptors.
func crowdQueue() int {
	if os.Getuid() == 0 {
		check(syscall.Setuid(65534)) // root may have any number on their way
	}
	q := must(NewQueue(0, false))
	check(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 100, Max: 100}))
	null := must(os.Open(os.DevNull))
	for n := 0; ; n++ {
		ok, err := q.Put(background, Forever, number(n), []*os.File{null})
		if err == nil && ok {
			continue
		}
		fmt.Println(ok, err)
		for range n {
			data, files, ok, err := q.Get(background, 0)
			if closeAll(files); !ok || err != nil || len(data) != 4 || len(files) != 1 {
				fmt.Println(data, len(files), ok, err)
			}
		}
		fmt.Println(q.Put(background, 0, nil, []*os.File{null}))
		return 0
	}
}

// The system's own limit is an error, and the items before it are there.
func TestQueueInFlight(t *testing.T) {
	c := spawn(t, "queue crowd")
	c.says(fmt.Sprint(false, " ", ErrInFlight))
	c.says(fmt.Sprint(true, " ", nil))
}
