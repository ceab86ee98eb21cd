//go:build linux

package cluster_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"luaspawn/proc"
	"luaspawn/proc/cluster"
	"luaspawn/proc/internal/leaks"
	"luaspawn/proc/internal/relay"
	"luaspawn/proc/internal/session"
	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

const says = "ls." + relay.Format + "." // begins the subjects of what scripts and workers say

// patience is how long a test waits for what has to happen.
const patience = 120 * time.Second

// functions are what the workers of these tests can do.
var functions = pool.Functions{
	"upper": func(task []byte) ([]byte, error) { return bytes.ToUpper(task), nil },
	"echo":  func(task []byte) ([]byte, error) { return task, nil },
	"pid":   func([]byte) ([]byte, error) { return strconv.AppendInt(nil, int64(os.Getpid()), 10), nil },
	"fail":  func(task []byte) ([]byte, error) { return nil, errors.New(string(task)) },
	"exit":  func(task []byte) ([]byte, error) { os.Exit(7); return nil, nil },
	"hang":  func(task []byte) ([]byte, error) { <-time.After(time.Hour); return nil, nil },
	"print": func(task []byte) ([]byte, error) {
		_, err := os.Stdout.Write(append(task, '\n'))
		return nil, err
	},
	"length": func(task []byte) ([]byte, error) { return strconv.AppendInt(nil, int64(len(task)), 10), nil },
	"zeros": func(task []byte) ([]byte, error) {
		n, err := strconv.Atoi(string(task))
		return make([]byte, n), err
	},
	// "append" appends a line to a file, by which it is known how often it was begun, and takes a
	// millisecond.
	"append": func(task []byte) ([]byte, error) {
		name, line, _ := strings.Cut(string(task), " ")
		f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		_, err = f.WriteString(line + "\n")
		<-time.After(time.Millisecond)
		return []byte(line), err
	},
	// "stay" writes its pid to a file, and stays.
	"stay": func(task []byte) ([]byte, error) {
		f, err := os.OpenFile(string(task), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		fmt.Fprintln(f, os.Getpid())
		f.Close()
		<-time.After(time.Hour)
		return nil, nil
	},
	"setup":    func([]byte) ([]byte, error) { prepared = true; return nil, nil },
	"bad":      func([]byte) ([]byte, error) { return nil, errors.New("as was asked for") },
	"prepared": func([]byte) ([]byte, error) { return strconv.AppendBool(nil, prepared), nil },
}

// padded are functions whose names may end in zeros, which make a blob large.
type padded struct{ pool.Functions }

func (f padded) Define(b pool.Blob) any {
	b.Data = bytes.TrimRight(b.Data, "\x00")
	return f.Functions.Define(b)
}

var prepared bool

// roleVariable says what this executable is to be: a luaspawnd, with arguments in the
// variables that follow.
const roleVariable = "CLUSTER_TEST_ROLE"

func TestMain(m *testing.M) {
	os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	host := remote.TakeHost()
	proc.Init(func(self *proc.Self) int {
		if err := pool.Work(self.Files, padded{functions}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	})
	role := os.Getenv(roleVariable)
	os.Unsetenv(roleVariable)
	var err error
	switch {
	case host:
		err = serveHost()
	case role != "":
		err = play(role)
	default:
		os.Exit(runTests(m))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", role, err)
		os.Exit(1)
	}
}

// serveHost is what a host does.
func serveHost() error {
	in, out := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = nil, os.Stderr
	defer proc.Drain()
	return remote.Program{Bodies: remote.HostBodies(), Open: func(_ []byte, output func(int, []byte)) (pool.Transport, error) {
		return pool.NewProcesses(func(ctx context.Context, w pool.WorkerSpec, files []*os.File) (*proc.Process, error) {
			return proc.Start(ctx, &proc.Command{Daemon: true, Files: files, Stdout: stream{1, output}, Stderr: stream{2, output}})
		})
	}}.Serve(in, out)
}

type stream struct {
	n      int
	output func(int, []byte)
}

func (s stream) Write(b []byte) (int, error) { s.output(s.n, b); return len(b), nil }

// play is what luaspawnd does.
func play(role string) error {
	debug.SetGCPercent(400) // as luaspawnd does
	dir := os.Getenv("CLUSTER_TEST_KEYS")
	switch role {
	case "bridge":
		signal.Ignore(os.Interrupt)
		return cluster.Bridge(os.Stdin, os.Stdout)
	case "serve":
		var s *cluster.Server
		var err error
		for range 50 { // the one that was killed may hold its port for a moment
			s, err = cluster.Serve(cluster.ServerConfig{Listen: os.Getenv("CLUSTER_TEST_ADDRESS"), Dir: dir,
				PeersAt: os.Getenv("CLUSTER_TEST_PEERS_AT"), Peers: strings.Fields(os.Getenv("CLUSTER_TEST_PEERS"))})
			if err == nil {
				break
			}
			<-time.After(100 * time.Millisecond)
		}
		if err != nil {
			return err
		}
		fmt.Println(s.Address())
		io.Copy(io.Discard, os.Stdin) // until the test ends it
		s.Close()
		return nil
	case "worker":
		if n, err := strconv.ParseUint(os.Getenv("CLUSTER_TEST_LARGEST_FILE"), 10, 64); err == nil {
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
				return err
			}
		}
		self, _ := os.Executable()
		n, _ := strconv.Atoi(os.Getenv("CLUSTER_TEST_PROCESSES"))
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			io.Copy(io.Discard, os.Stdin)
			cancel()
		}()
		return cluster.Work(ctx, cluster.WorkerConfig{Address: os.Getenv("CLUSTER_TEST_ADDRESS"), Key: filepath.Join(dir, session.WorkerFile), Processes: n,
			Tags: strings.FieldsFunc(os.Getenv("CLUSTER_TEST_TAGS"), func(r rune) bool { return r == ',' }), Program: []string{self}, Name: os.Getenv("CLUSTER_TEST_NAME"), Version: "test"})
	}
	return fmt.Errorf("no role %q", role)
}

func runTests(m *testing.M) int {
	before := leaks.Look("anon_inode:")
	return before.Check(m.Run(), func() string {
		if list, _ := os.ReadFile("/proc/self/task/" + strconv.Itoa(os.Getpid()) + "/children"); len(list) > 0 {
			return "children: " + string(list) + "\n"
		}
		return ""
	})
}

// A part is a process of a test's cluster.
type part struct {
	*exec.Cmd
	stdin io.WriteCloser
	lines chan string
	done  chan struct{}
}

// start starts a process that plays a role.
func start(t testing.TB, role string, env ...string) *part {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &part{Cmd: exec.Command(self), lines: make(chan string, 100), done: make(chan struct{})}
	p.Env = append(append(os.Environ(), roleVariable+"="+role), env...)
	p.Stderr = os.Stderr
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.stdin, err = p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		in := bufio.NewScanner(stdout)
		for in.Scan() {
			p.lines <- in.Text()
		}
		p.Wait()
		close(p.done)
	}()
	return p
}

// end lets it end in order.
func (p *part) end() {
	p.stdin.Close()
	p.Process.Signal(syscall.SIGCONT)
	select {
	case <-p.done:
	case <-time.After(patience):
		p.kill()
	}
}

func (p *part) kill() {
	p.Process.Kill()
	<-p.done
}

// A town is a server, workers, and the keys.
type town struct {
	t       testing.TB
	dir     string
	address string
	server  *part
	script  *remote.ScriptKey

	mu      sync.Mutex
	workers []*part
	bridges []int // pids
	output  strings.Builder
}

func newTown(t testing.TB) *town {
	t.Helper()
	c := &town{t: t, dir: t.TempDir()}
	t.Cleanup(func() { // after the pools of the test
		for _, w := range c.workers {
			w.end()
		}
		if c.server != nil {
			c.server.end()
		}
	})
	c.serve("127.0.0.1:0")
	var err error
	if c.script, err = remote.ReadKey(c.dir); err != nil {
		t.Fatal(err)
	}
	return c
}

// serve starts the server.
func (c *town) serve(at string) {
	c.t.Helper()
	c.server = start(c.t, "serve", "CLUSTER_TEST_KEYS="+c.dir, "CLUSTER_TEST_ADDRESS="+at)
	select {
	case c.address = <-c.server.lines:
	case <-time.After(patience):
		c.t.Fatal("the server doesn't start")
	}
}

// again starts the server once more, at the same address.
func (c *town) again() { c.serve(strings.TrimPrefix(c.address, "nats://")) }

// work starts a worker with so many processes.
func (c *town) work(processes int, env ...string) *part {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	p := start(c.t, "worker", append([]string{"CLUSTER_TEST_KEYS=" + c.dir, "CLUSTER_TEST_ADDRESS=" + c.address,
		"CLUSTER_TEST_PROCESSES=" + strconv.Itoa(processes), fmt.Sprintf("CLUSTER_TEST_NAME=machine-%d", len(c.workers)+1)}, env...)...)
	c.workers = append(c.workers, p)
	return p
}

// transport is one of a script's.
func (c *town) transport(change func(*remote.Config)) *remote.Transport {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	cfg := remote.Config{
		Key:     c.script,
		Lease:   20 * time.Second,
		Connect: relay.Fields{"address": c.address, "password": c.script.Password()},
		Relay: func() (remote.Bridge, error) {
			b, err := remote.Command("/usr/bin/env", roleVariable+"=bridge", self)()
			if err == nil {
				c.mu.Lock()
				c.bridges = append(c.bridges, b.Pid)
				c.mu.Unlock()
			}
			return b, err
		},
		Output: func(_ int, text []byte) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.output.Write(text)
		},
	}
	if change != nil {
		change(&cfg)
	}
	return remote.New(cfg)
}

// pool starts a pool that ends with the test.
func (c *town) pool(cfg pool.Config, change func(*remote.Config)) *pool.Pool {
	c.t.Helper()
	p, err := pool.New(context.Background(), cfg, c.transport(change))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		p.Terminate()
		await(c.t, p.Done())
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
	for _, o := range list {
		if o.Kind != pool.Done {
			t.Fatalf("outcome %+v of %d: %q %+v", o, len(list), o.Data, o.Extra)
		}
		out[o.Index] = string(o.Data)
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
