package ipc

import (
	"os"
	"testing"

	"golang.org/x/sys/windows"
)

// kept returns a queue with an item that brings a file, and a handle of its keeper.
func kept(t *testing.T, rights uint32) (*Queue, windows.Handle) {
	q := must(NewQueue(0, true))
	null := must(os.Open(os.DevNull))
	defer null.Close()
	must(q.Put(background, 0, number(0), []*os.File{null}))
	keeper := must(identity(q.s.state(qKeeper)).open(rights))
	t.Cleanup(func() { windows.CloseHandle(keeper) })
	return q, keeper
}

// ends waits for the end of a process.
func ends(t *testing.T, process windows.Handle) {
	t.Helper()
	if event, err := windows.WaitForSingleObject(process, uint32(patience.Milliseconds())); event != windows.WAIT_OBJECT_0 {
		t.Fatal("it doesn't end:", event, err)
	}
}

func putItself(t *testing.T, q *Queue) {
	t.Helper()
	own := files(t, q)
	defer closeAll(own)
	must(q.Put(background, 0, nil, own))
}

// The keeper ends with the last holder, and lives as long as there is one, also one that the
// queue is on its way to.
func TestQueueKeeper(t *testing.T) {
	q, keeper := kept(t, 0)
	sent := files(t, q)
	check(q.Close())
	if isOver(keeper) {
		t.Fatal("it has ended before the queue")
	}
	other := must(OpenQueue(sent))
	_, got, ok, err := other.Get(background, 0)
	if !ok || err != nil || len(got) != 1 {
		t.Error(len(got), ok, err)
	}
	closeAll(got)
	putItself(t, other)
	_, got, _, err = other.Get(background, 0)
	check(err)
	again := must(OpenQueue(got))
	putItself(t, again)
	check(again.Close())
	check(other.Close())
	ends(t, keeper)
}

// Where somebody has ended the keeper, the items that it had files of are gone, and the queue
// goes on.
func TestQueueKeeperKilled(t *testing.T) {
	q, keeper := kept(t, windows.PROCESS_TERMINATE)
	defer q.Close()
	must(q.Put(background, 0, number(1), nil))
	check(windows.TerminateProcess(keeper, 1))
	ends(t, keeper)
	null := must(os.Open(os.DevNull))
	defer null.Close()
	if ok, err := q.Put(background, 0, number(2), []*os.File{null}); ok || err != errKeeperEnded {
		t.Error(ok, err)
	}
	if data, _, ok, err := q.Get(background, 0); string(data) != string(number(1)) || !ok || err != nil {
		t.Error(data, ok, err)
	}
	check(q.TaskDone(background))
	must(q.Put(background, 0, number(3), []*os.File{null}))
	data, got, ok, err := q.Get(background, 0)
	if string(data) != string(number(3)) || len(got) != 1 || !ok || err != nil {
		t.Error(data, len(got), ok, err)
	}
	closeAll(got)
	check(q.TaskDone(background))
	if !must(q.Join(background, 0)) {
		t.Error("not joined")
	}
}
