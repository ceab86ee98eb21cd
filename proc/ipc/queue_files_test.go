package ipc

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestQueueFiles(t *testing.T) {
	q := must(NewQueue(0, false))
	defer q.Close()
	many := 1000
	if testing.Short() {
		many = 300 // more than a socket holds
	}
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

// What a process had put into a queue stays there when it ends.
func TestQueueFilesStay(t *testing.T) {
	q := must(NewQueue(0, false))
	defer q.Close()
	r, w, err := os.Pipe()
	check(err)
	c := spawn(t, fmt.Sprint("queue crash give ", 1000), append(files(t, q), r)...)
	<-c.Done()
	_, files, ok, err := q.Get(background, 0)
	if !ok || err != nil || len(files) != 1 {
		t.Fatal(len(files), ok, err)
	}
	defer closeAll(files)
	fmt.Fprint(w, "here")
	w.Close()
	if b, err := io.ReadAll(files[0]); string(b) != "here" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
}

// Wherever a process dies that puts or takes an item, the item's files are closed once it was
// taken and another one was put.
func TestQueueFilesAreClosed(t *testing.T) {
	null := must(os.Open(os.DevNull))
	defer null.Close()
	for _, work := range []string{"give", "take"} {
		for n := 0; n < 100; n += stride() {
			q := must(NewQueue(0, false))
			r, w, err := os.Pipe()
			check(err)
			send := files(t, q)
			if work == "give" {
				send = append(send, w)
			} else {
				must(q.Put(background, 0, nil, []*os.File{w}))
				w.Close()
			}
			c := spawn(t, fmt.Sprint("queue crash ", work, " ", n), send...)
			<-c.Done()
			code, _ := c.ExitCode()
			must(q.Put(soon(t), Forever, nil, []*os.File{null}))
			for length(q) > 0 {
				_, files, _, err := q.Get(soon(t), 0)
				check(err)
				closeAll(files)
			}
			closed := make(chan error)
			go func() {
				_, err := io.ReadAll(r)
				closed <- err
			}()
			select {
			case err := <-closed:
				check(err)
			case <-time.After(patience):
				t.Fatalf("%s %d: somebody has the file", work, n)
			}
			r.Close()
			check(q.Close())
			if code == 0 {
				break
			}
		}
	}
}
