//go:build linux

package pool_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"luaspawn/proc"
	"luaspawn/proc/internal/leaks"
	"luaspawn/proc/ipc"
	"luaspawn/proc/pool"
)

// patience is how long a test waits for what has to happen.
const patience = 60 * time.Second

// functions are what the workers of these tests can do.
var functions = pool.Functions{
	"square": func(task []byte) ([]byte, error) {
		n, err := strconv.Atoi(string(task))
		return strconv.AppendInt(nil, int64(n)*int64(n), 10), err
	},
	"echo": func(task []byte) ([]byte, error) { return task, nil },
	"long": func(task []byte) ([]byte, error) { return bytes.Repeat(task, 100_000), nil },
	"pid":  func([]byte) ([]byte, error) { return strconv.AppendInt(nil, int64(os.Getpid()), 10), nil },
	"fail": func(task []byte) ([]byte, error) { return nil, errors.New(string(task)) },
	"exit": func(task []byte) ([]byte, error) {
		if n, err := strconv.Atoi(string(task)); err == nil {
			os.Exit(n)
		}
		return task, nil
	},
	// "take" takes a time.
	"take": func(task []byte) ([]byte, error) {
		d, err := time.ParseDuration(string(task))
		<-time.After(d)
		return task, err
	},
	// "hang" opens a FIFO for writing, by which it is known that it runs, and never ends.
	"hang": func(task []byte) ([]byte, error) {
		f, err := os.OpenFile(string(task), os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		f.Close()
		<-time.After(time.Hour) // not select {}: where no other goroutine is left, the runtime ends the process
		return nil, nil
	},
	// "read" reads a FIFO to its end.
	"read": func(task []byte) ([]byte, error) { return os.ReadFile(string(task)) },
	// "meet" opens a FIFO for reading or writing, which another task has to open for the other.
	"meet": func(task []byte) ([]byte, error) {
		how, name, ok := strings.Cut(string(task), " ")
		if !ok {
			return nil, nil
		}
		f, err := os.OpenFile(name, map[string]int{"r": os.O_RDONLY, "w": os.O_WRONLY}[how], 0)
		if err != nil {
			return nil, err
		}
		return nil, f.Close()
	},
	"kill": func(task []byte) ([]byte, error) {
		if string(task) == "die" {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return task, nil
	},
	// "stop" stops this process when it is told so.
	"stop": func(task []byte) ([]byte, error) {
		if string(task) == "stop" {
			syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			<-time.After(time.Hour) // another thread may be the first one that stops; not select {}, see above
		}
		return task, nil
	},
	// "append" appends a line to a file, by which it is known how often it ran.
	"append": func(task []byte) ([]byte, error) {
		name, line, _ := strings.Cut(string(task), " ")
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		_, err = f.WriteString(line + "\n")
		return []byte(line), err
	},
	"setup":      func([]byte) ([]byte, error) { prepared = true; return nil, nil },
	"bad setup":  func([]byte) ([]byte, error) { return nil, errors.New("as was asked for") },
	"exit setup": func([]byte) ([]byte, error) { os.Exit(3); return nil, nil },
	"prepared":   func([]byte) ([]byte, error) { return strconv.AppendBool(nil, prepared), nil },
}

var prepared bool

func TestMain(m *testing.M) {
	os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	proc.Init(func(self *proc.Self) int {
		if err := pool.Work(self.Files, functions); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	})
	if flag.Parse(); testing.Short() {
		proc.KeepReady(1) // of those that are kept ready for tests of few children most wait in vain
	}
	warmUp()
	before := leaks.Look("anon_inode:[eventpoll")
	code := m.Run()
	proc.Drain()
	os.Exit(before.Check(code, func() string {
		if c := proc.Children(); len(c) > 0 {
			return fmt.Sprintf("children: %v\n", c)
		}
		return ""
	}))
}

// warmUp has what a process keeps for good: descriptors of the runtime's poller, and a
// spare one of ipc.
func warmUp() {
	one, two, err := ipc.NewPipe(true)
	if err != nil {
		return
	}
	defer one.Close()
	defer two.Close()
	files, err := two.Files()
	if err != nil {
		return
	}
	if taken, err := ipc.OpenPipe(files, true, true); err == nil {
		taken.Close()
	}
}

// started are the processes of a test's workers.
type started struct {
	sync.Mutex
	list []*proc.Process
}

// transport returns a new one, whose processes are entered in s.
func transport(t testing.TB, s *started) pool.Transport {
	t.Helper()
	tr, err := pool.NewProcesses(func(ctx context.Context, w pool.WorkerSpec, files []*os.File) (*proc.Process, error) {
		p, err := proc.Start(ctx, &proc.Command{Daemon: true, Files: files})
		if s != nil && err == nil {
			s.Lock()
			s.list = append(s.list, p)
			s.Unlock()
		}
		return p, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// newPool starts a pool that ends with the test.
func newPool(t testing.TB, cfg pool.Config) *pool.Pool {
	t.Helper()
	return newPoolOf(t, cfg, nil)
}

func newPoolOf(t testing.TB, cfg pool.Config, s *started) *pool.Pool {
	t.Helper()
	p, err := pool.New(t.Context(), cfg, transport(t, s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Terminate()
		await(t, p.Done())
	})
	return p
}

func await(t testing.TB, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		stacks := make([]byte, 1<<20)
		t.Fatalf("it takes too long\n%s", stacks[:runtime.Stack(stacks, true)])
	}
}

// fifo makes a FIFO for a task that hangs. begun returns when it is opened, and closed, once more.
func fifo(t testing.TB) (name string, begun func()) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	return name, func() {
		t.Helper()
		opened := make(chan struct{})
		go func() {
			defer close(opened)
			if f, err := os.Open(name); err == nil {
				io.Copy(io.Discard, f) // until the task has closed it, else the next one would find it open
				f.Close()
			}
		}()
		await(t, opened)
	}
}

// begin makes a call with these tasks.
func begin(t testing.TB, p *pool.Pool, function string, opt pool.Options, tasks ...string) *pool.Call {
	t.Helper()
	c, err := p.Call(pool.Blob{Data: []byte(function)}, opt)
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for _, task := range tasks {
		b = pool.AppendTask(b, []byte(task))
	}
	if err := c.AddLast(b, len(tasks), nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// outcomes waits for all outcomes of a call.
func outcomes(t testing.TB, c *pool.Call) []pool.Outcome {
	t.Helper()
	deadline := time.After(patience)
	var list []pool.Outcome
	for {
		some, over := c.Take()
		if list = slices.AppendSeq(list, some.All()); over {
			return list
		}
		select {
		case <-c.Ready():
		case <-deadline:
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d outcomes, and no more come\n%s", len(list), stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// results waits for the call's results, which must all be there, in order.
func results(t testing.TB, c *pool.Call) []string {
	t.Helper()
	list := outcomes(t, c)
	out := make([]string, len(list))
	seen := make([]bool, len(list))
	for _, o := range list {
		if o.Kind != pool.Done || o.Index >= len(list) || seen[o.Index] {
			t.Fatalf("outcome %+v of %d", o, len(list))
		}
		seen[o.Index], out[o.Index] = true, string(o.Data)
	}
	return out
}

func numbers(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i)
	}
	return list
}
