//go:build !portable

package ipc

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// However many wait, few hold a thread, and in the end none; a message, the end of
// the other side, and a cancelled context reach each of them.
func TestPipeManyWait(t *testing.T) {
	const many = 200
	threads := pprof.Lookup("threadcreate")
	before := threads.Count()
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	var theirs []*Pipe
	errs := make([]error, many)
	var waiting sync.WaitGroup
	for i := range many {
		a, b, err := NewPipe(true)
		check(err)
		defer a.Close()
		defer b.Close()
		theirs = append(theirs, b)
		waiting.Go(func() { _, _, errs[i] = a.Recv(ctx) })
	}
	eventually(t, func() bool { return parked("(*Pipe).Recv") == many })
	if n := threads.Count() - before; n > many/4 {
		t.Errorf("%d threads for %d who wait", n, many)
	}
	if n := blocking.Load(); n != 0 {
		t.Errorf("%d count as blocking", n)
	}
	for i, p := range theirs {
		switch i % 3 {
		case 0:
			check(p.Send(background, nil, nil))
		case 1:
			check(p.Close())
		}
	}
	eventually(t, func() bool { return parked("(*Pipe).Recv") == many/3 })
	cancel()
	waiting.Wait()
	for i, err := range errs {
		if want := []error{nil, io.EOF, context.Canceled}[i%3]; err != want {
			t.Errorf("%d: got %v, want %v", i, err, want)
		}
	}
}

// A process that is out of descriptors can wait.
func TestPipeOutOfDescriptors(t *testing.T) {
	a, b, err := NewPipe(true)
	check(err)
	defer a.Close()
	defer b.Close()
	var limit syscall.Rlimit
	check(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	none := limit
	none.Cur = 3
	ctx, cancel := context.WithTimeout(background, maxBlock/2) // a process's first timer opens the runtime's poller
	defer cancel()
	check(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none))
	defer func() { check(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)) }()
	if _, _, err := a.Recv(ctx); err != context.DeadlineExceeded {
		t.Error(err)
	}
	for err = nil; err == nil; {
		err = a.Send(expired(), nil, nil)
	}
	ctx, cancel = context.WithTimeout(background, maxBlock/2)
	defer cancel()
	if err := a.Send(ctx, nil, nil); err != context.DeadlineExceeded {
		t.Error(err)
	}
}

// A message whose files find no room in this process is still there afterwards, with what
// came behind it. It was lost once.
func TestPipeKeepsWhatFindsNoRoom(t *testing.T) {
	a, b, err := NewPipe(false)
	check(err)
	defer a.Close()
	defer b.Close()
	check(b.Send(background, []byte("with files"), []*os.File{os.Stdin, os.Stdin}))
	check(b.Send(background, make([]byte, 2*longMessage), []*os.File{os.Stdin}))
	check(b.Send(background, []byte("last"), nil))
	var limit syscall.Rlimit
	check(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	for _, want := range []struct{ length, files int }{{10, 2}, {2 * longMessage, 1}} {
		none := limit
		none.Cur = 3
		check(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none))
		plentyUntil.Store(0)
		_, _, err := a.Recv(background)
		check(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
		if !errors.Is(err, syscall.EMFILE) {
			t.Errorf("got %v, want %v", err, syscall.EMFILE)
		}
		data, files, err := a.Recv(background)
		if len(data) != want.length || len(files) != want.files || err != nil {
			t.Errorf("got %d bytes, %d files, %v, want %v", len(data), len(files), err, want)
		}
		closeAll(files)
	}
	if data, files, err := a.Recv(background); string(data) != "last" || files != nil || err != nil {
		t.Errorf("got %q, %d files, %v", data, len(files), err)
	}
}

// parked counts the goroutines that are in a function and in the runtime's poller.
func parked(function string) (n int) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		state, calls, _ := strings.Cut(stack, "\n")
		if strings.Contains(state, "[IO wait") && strings.Contains(calls, function) {
			n++
		}
	}
	return n
}

// A receiver that holds a thread sees that its context was cancelled.
func TestPipeCancelled(t *testing.T) {
	a, b, err := NewPipe(true)
	check(err)
	defer a.Close()
	defer b.Close()
	for name, wait := range map[string]func(context.Context) error{
		"recv": func(ctx context.Context) error { _, _, err := a.Recv(ctx); return err },
		"poll": a.Poll,
	} {
		for range 5 {
			ctx, cancel := context.WithCancel(background)
			over := make(chan error)
			go func() { over <- wait(ctx) }()
			eventually(t, func() bool { return blocking.Load() > 0 || parked("(*Pipe)") > 0 })
			cancel()
			if err := <-over; err != context.Canceled {
				t.Error(name, err)
			}
		}
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("nothing happens")
		}
	}
}
