//go:build unix

package ipc

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
	"testing"
)

// bringing returns the files that an item of the tests brings along.
func bringing(files ...*os.File) []*os.File { return files }

// threads returns how many threads this process has; 0 where the system doesn't say.
func threads() int {
	list, _ := os.ReadDir("/proc/self/task")
	return len(list)
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

func TestQueueFiles(t *testing.T) {
	q := must(NewQueue(0, false))
	defer q.Close()
	const many = 1000 // more than a socket holds
	c := make(chan error)
	go func() {
		other := must(OpenQueue(files(t, q)))
		defer other.Close()
		for i := range many {
			data, files, _, err := other.Get(background, Forever)
			if err == nil && (len(files) != 1+i%3 || !bytes.Equal(data, number(i))) {
				err = fmt.Errorf("item %d: %x, %d files", i, data, len(files))
			}
			if err == nil {
				var b []byte
				if b, err = io.ReadAll(files[0]); string(b) != strconv.Itoa(i) {
					err = fmt.Errorf("item %d: %q, %v", i, b, err)
				}
			}
			closeAll(files)
			if err != nil {
				c <- err
				return
			}
		}
		c <- nil
	}()
	for i := range many {
		r, w, err := os.Pipe()
		check(err)
		fmt.Fprint(w, i)
		w.Close()
		must(q.Put(soon(t), Forever, number(i), []*os.File{r, r, r}[:1+i%3]))
		r.Close()
	}
	check(<-c)
	if _, err := q.Put(background, 0, nil, make([]*os.File, MaxFiles+1)); err != ErrFiles {
		t.Error(err)
	}
}
