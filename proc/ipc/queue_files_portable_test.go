//go:build unix && (!linux || portable)

package ipc

import (
	"os"
	"testing"
)

// peeksAtFiles says that the files of an item stay in the queue until it is gone.
const peeksAtFiles = false

// An item that a dead process had taken, and that somebody has said was done, isn't done once more.
func TestQueueFilesTakenAndDone(t *testing.T) {
	q := must(NewQueue(0, true))
	defer q.Close()
	r, w, err := os.Pipe()
	check(err)
	defer r.Close()
	defer w.Close()
	must(q.Put(background, 0, nil, []*os.File{r}))
	check(q.TaskDone(background))
	if !q.dropFiles() { // what one does that has received the files and is killed
		t.Fatal("no files")
	}
	if _, _, ok, err := q.Get(background, 0); ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
	if ok, err := q.Join(background, 0); !ok || err != nil {
		t.Errorf("join: %v, %v", ok, err)
	}
	if err := q.TaskDone(background); err != ErrTasks {
		t.Errorf("done once more: %v", err)
	}
}

// What is dropped, as there is no room for its files, takes them along, and nothing else.
func TestPipeDrop(t *testing.T) {
	a, b, err := NewPipe(false)
	check(err)
	defer a.Close()
	defer b.Close()
	r, w, err := os.Pipe()
	check(err)
	defer r.Close()
	defer w.Close()
	check(b.Send(background, []byte("first"), []*os.File{r}))
	check(b.Send(background, []byte("second"), []*os.File{r, w}))
	a.Drop()
	data, files, err := a.Recv(soon(t))
	check(err)
	defer closeAll(files)
	if string(data) != "second" || len(files) != 2 {
		t.Errorf("got %q with %d files", data, len(files))
	}
}
