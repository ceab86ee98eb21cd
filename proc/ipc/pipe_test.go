package ipc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

func childPipe(files []*os.File, rest string) int {
	p := must(OpenPipe(files, rest == "echo", true))
	switch rest {
	case "echo":
		for {
			data, files, err := p.Recv(background)
			if err == io.EOF {
				return 0
			}
			check(err)
			check(p.Send(background, data, files))
			closeAll(files)
		}
	case "flood":
		fmt.Println("floods")
		for i := 0; ; i++ {
			check(p.Send(background, bytes.Repeat([]byte{byte(i)}, i*997%200000), nil))
		}
	}
	panic(rest)
}

func TestPipe(t *testing.T) {
	a, b, err := NewPipe(true)
	check(err)
	c := spawn(t, "pipe echo", files(t, b)...)
	check(b.Close())
	for i := range 40 {
		r, w, err := os.Pipe()
		check(err)
		message := bytes.Repeat([]byte{byte(i)}, i*i*1000)
		check(a.Send(soon(t), message, []*os.File{r}))
		r.Close()
		data, files, err := a.Recv(soon(t))
		if err != nil || !bytes.Equal(data, message) || len(files) != 1 {
			t.Fatalf("%d: %d bytes, %d files, %v", i, len(data), len(files), err)
		}
		fmt.Fprint(w, i)
		w.Close()
		for _, f := range files {
			if got := must(io.ReadAll(f)); string(got) != fmt.Sprint(i) {
				t.Errorf("got %q", got)
			}
		}
		closeAll(files)
	}
	ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
	defer cancel()
	if _, _, err := a.Recv(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := a.AwaitReadable(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	check(a.Send(background, nil, nil))
	check(a.AwaitReadable(soon(t)))
	if data, _, err := a.Recv(background); err != nil || len(data) != 0 {
		t.Error(data, err)
	}
	c.Kill()
	if _, _, err := a.Recv(soon(t)); err != io.EOF {
		t.Error(err)
	}
	if err := a.Send(background, nil, nil); !errors.Is(err, syscall.EPIPE) {
		t.Error(err)
	}
	check(a.Close())
	check(a.Close())
	if err := a.Send(background, nil, nil); err != ErrClosed {
		t.Error(err)
	}
	r, w, err := NewPipe(false)
	check(err)
	defer r.Close()
	defer w.Close()
	if err := r.Send(background, nil, nil); err != ErrReadOnly {
		t.Error(err)
	}
	if _, _, err := w.Recv(background); err != ErrWriteOnly {
		t.Error(err)
	}
}

// Writers that share an end and are killed tear no message.
func TestPipeKilled(t *testing.T) {
	r, w, err := NewPipe(false)
	check(err)
	defer r.Close()
	defer w.Close()
	whole := func() {
		data, _, err := r.Recv(soon(t))
		check(err)
		for _, c := range data {
			if c != data[0] {
				t.Fatal("torn")
			}
		}
	}
	for range 2 {
		c, d := spawn(t, "pipe flood", files(t, w)...), spawn(t, "pipe flood", files(t, w)...)
		c.says("floods")
		d.says("floods")
		for range 300 {
			whole()
		}
		c.Kill()
		for range 100 {
			whole()
		}
		d.Kill()
		<-c.Done()
		<-d.Done()
		for r.AwaitReadable(expired()) == nil {
			whole()
		}
	}
}

// A sender waits for room.
func TestPipeFull(t *testing.T) {
	r, w, err := NewPipe(false)
	check(err)
	defer r.Close()
	defer w.Close()
	n := 0
	for w.Send(expired(), []byte{byte(n)}, nil) == nil {
		n++
	}
	ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
	defer cancel()
	if err := w.Send(ctx, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	sent := make(chan error)
	go func() { sent <- w.Send(soon(t), []byte{byte(n)}, nil) }()
	for i := range n + 1 {
		data, _, err := r.Recv(soon(t))
		if err != nil || len(data) != 1 || data[0] != byte(i) {
			t.Fatal(i, data, err)
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

// expired is a context that has ended: what takes it only looks.
func expired() context.Context {
	ctx, cancel := context.WithCancel(background)
	cancel()
	return ctx
}

// An end that nobody refers to is closed, also one that was waited at.
func TestPipeForgotten(t *testing.T) {
	a, b, err := NewPipe(true)
	check(err)
	defer b.Close()
	over, cancel := context.WithCancel(background)
	cancel()
	if err := a.AwaitReadable(over); err != context.Canceled {
		t.Fatal(err)
	}
	a = nil
	ended := make(chan error)
	go func() {
		_, _, err := b.Recv(soon(t))
		ended <- err
	}()
	for {
		runtime.GC()
		select {
		case err := <-ended:
			if err != io.EOF {
				t.Error(err)
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}
