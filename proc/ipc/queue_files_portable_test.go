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
	if !q.drop() { // what one does that has received the files and is killed
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
