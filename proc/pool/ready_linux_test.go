package pool

import (
	"os"
	"runtime"
	"testing"
	"time"

	"luaspawn/proc/ipc"
)

// A worker that has nothing to do yet is ready: if it is killed then, that is no start
// that has failed, of which only so many in a row are forgiven.
func TestIdleIsReady(t *testing.T) {
	s, memory, err := newSegment()
	if err != nil {
		t.Fatal(err)
	}
	defer s.unmap()
	at, parent, err := newNotifier()
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	defer parent.Close()
	ours, theirs, err := newWorkerNotifier()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	one, two, err := ipc.NewPipe(true)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	pipe, err := two.Files()
	two.Close()
	if err != nil {
		t.Fatal(err)
	}
	w, err := openWorker(append([]*os.File{memory, parent, theirs}, pipe...))
	if err != nil {
		t.Fatal(err)
	}
	defer w.pipe.Close()
	defer w.segment.unmap()
	ended := make(chan error)
	go func() { ended <- w.serve(Functions{}) }()
	results, since := s.results(), time.Now()
	for results.empty() && time.Since(since) < time.Minute {
		runtime.Gosched()
	}
	if tag, _, ok := results.read(); !ok || tag != tagReady {
		t.Errorf("got record %v, %d", ok, tag)
	}
	requests := s.requests()
	requests.write(tagStop, nil, nil)
	notify(ours)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
