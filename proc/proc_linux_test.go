package proc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"luaspawn/proc"
	"luaspawn/proc/internal/leaks"
	"luaspawn/proc/internal/wire"
)

// linuxRoles are roles that there are on Linux only.
var linuxRoles = map[string]func(*proc.Self, []byte) int{
	"sleep": becomeSleep,
	"ls":    listDescriptors,
	"few":   startWithFewDescriptors,
	"blind": askBlindly,
	"spin":  spin,
}

// spin computes for ever, and never gives way by itself.
func spin(*proc.Self, []byte) int {
	for n := 0; ; n++ {
		if n < 0 {
			return n
		}
	}
}

// becomeSleep turns into a program that catches no signal, unlike Go's. Its
// only file is closed by that.
func becomeSleep(self *proc.Self, _ []byte) int {
	signal.Notify(make(chan os.Signal, 1)) // what was ignored will be default
	unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	err := unix.Exec("/bin/sleep", []string{"sleep", "600"}, nil)
	fmt.Fprintln(os.Stderr, err)
	return 97
}

// sleeper starts a child that is a sleep by now.
func sleeper(t testing.TB) *proc.Process {
	t.Helper()
	r, w := pipe(t)
	p := start(t, &proc.Command{Payload: []byte("sleep"), Files: []*os.File{w}})
	w.Close()
	if b, err := io.ReadAll(r); len(b) > 0 || err != nil {
		t.Fatal(b, err)
	}
	r.Close()
	return p
}

func TestKilledBySignal(t *testing.T) {
	harmless := []syscall.Signal{unix.SIGCHLD, unix.SIGCONT, unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU, unix.SIGURG, unix.SIGWINCH}
	for sig := syscall.Signal(1); sig < 32; sig++ {
		if slices.Contains(harmless, sig) {
			continue
		}
		p := sleeper(t)
		if err := unix.Kill(p.Pid(), sig); err != nil {
			t.Fatal(err)
		}
		if got := join(t, p); got != -int(sig) {
			t.Errorf("%v: exit code %d, want %d", sig, got, -int(sig))
		}
	}
}

func TestTerminateKillInterrupt(t *testing.T) {
	for _, tt := range []struct {
		name string
		send func(*proc.Process) error
		want int
	}{
		{"Terminate", (*proc.Process).Terminate, -15},
		{"Kill", (*proc.Process).Kill, -9},
		{"Interrupt", (*proc.Process).Interrupt, -2},
	} {
		p := blocked(t)
		if err := tt.send(p); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := join(t, p); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}

// big is more than any socket holds.
const big = 64 << 20

// startStopped starts a child that stops before it has read anything, and does
// something to it while its payload is being sent.
func startStopped(t *testing.T, ctx context.Context, do func(pid int)) (*proc.Process, error) {
	proc.KeepReady(0) // of those there are, one would stop too
	defer proc.KeepReady(-1)
	t.Helper()
	t.Setenv(mode, "stop before Init")
	var p *proc.Process
	var err error
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		p, err = proc.Start(ctx, &proc.Command{Payload: make([]byte, big)})
	}()
	if !until(func() bool {
		for _, p := range ownProcesses() {
			if p.state == "T" {
				do(p.pid)
				return true
			}
		}
		return false
	}) {
		t.Fatal("no child stops")
	}
	<-returned
	return p, err
}

func TestKilledWhileSending(t *testing.T) {
	p, err := startStopped(t, t.Context(), func(pid int) { unix.Kill(pid, unix.SIGKILL) })
	if err != nil {
		t.Fatal(err)
	}
	if got := join(t, p); got != -9 {
		t.Errorf("exit code %d, want -9", got)
	}
}

func TestContextEndsWhileSending(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := startStopped(t, ctx, func(int) { cancel() })
	if p != nil || !ourError(err, context.Canceled) {
		t.Errorf("start: %v, %v", p, err)
	}
	if left := ownProcesses(); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	if left := proc.Children(); len(left) > 0 {
		t.Errorf("children: %v", left)
	}
}

// impostor runs the test binary with a socket for standard input, on which say
// is said by a starter that ends then.
func impostor(t *testing.T, nonce string, say []byte) (out []byte, code int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer theirs.Close()
	ours.Write(say)
	ours.Close()
	cmd := outside(t, "report", "LUASPAWN_CHILD="+nonce)
	cmd.Stdin = theirs
	out, err = cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out, cmd.ProcessState.ExitCode()
}

func TestStarterEndsOrLies(t *testing.T) {
	t.Setenv("GOMAXPROCS", "1") // the daemon's main is in the way of its lifeline
	nonce, other := strings.Repeat("a", wire.NonceSize), strings.Repeat("b", wire.NonceSize)
	hello := wire.AppendHello(nil, nonce)
	job := func(j wire.Job, more string) []byte {
		b, err := wire.AppendJob(slices.Clone(hello), j)
		if err != nil {
			t.Fatal(err)
		}
		return append(b, more...)
	}
	newer := slices.Clone(hello)
	newer[2]++
	for _, tt := range []struct {
		name string
		say  []byte
		out  string
		code int
	}{
		{"nothing", nil, "", 1},
		{"hello", hello, "", 1},
		{"half a job", job(wire.Job{}, "")[:wire.HelloSize+5], "", 1},
		{"half a payload", job(wire.Job{Payload: 10}, "exit "), "", 1},
		{"a huge payload", job(wire.Job{Payload: wire.MaxPayload, Room: wire.MaxPayload * wire.MaxRoom}, "exit "), "", 1},
		{"a file is missing", job(wire.Job{Files: 1}, ""), "", 1},
		{"all of it", job(wire.Job{Payload: 6}, "exit 7"), "", 7},
		{"all of it, to a daemon", job(wire.Job{Daemon: true, Payload: 4}, "spin"), "", -1}, // by a signal
		{"no descriptor", job(wire.Job{Files: 1}, "F\x01\x01"),
			"proc: receive job: malformed control channel: 0 descriptors, 1 of 1 were announced\n", 1},
		{"another frame", slices.Concat(hello, hello),
			"proc: receive job: malformed control channel: frame 'H' of 33 bytes, want an order\n", 1},
		{"another version", newer,
			"proc: receive job: malformed control channel: version 7, want 6\n", 1},
		{"another nonce", wire.AppendHello(nil, other),
			fmt.Sprintf("ordinary, cookie false, input %q, <nil>", wire.AppendHello(nil, other)), 0},
		{"something else", []byte("GET / HTTP/1.1"),
			`ordinary, cookie false, input "GET / HTTP/1.1", <nil>`, 0},
	} {
		out, code := impostor(t, nonce, tt.say)
		if string(out) != tt.out || code != tt.code {
			t.Errorf("%s: got %q and status %d, want %q and %d", tt.name, out, code, tt.out, tt.code)
		}
	}
}

// listDescriptors prints what a program has open that a child executes.
func listDescriptors(self *proc.Self, _ []byte) int {
	b, err := ls()
	fmt.Printf("%s", b)
	if err != nil {
		return 1
	}
	return 0
}

func ls() ([]byte, error) {
	cmd := exec.Command("/bin/ls", "-l", "/proc/self/fd")
	cmd.Stdin, cmd.Stderr = os.Stdin, os.Stderr
	return cmd.Output()
}

// descriptors returns the numbers in the output of ls, and what 0 is.
func descriptors(t *testing.T, out string) (numbers []string, stdin string) {
	for line := range strings.Lines(out) {
		if left, to, ok := strings.Cut(line, " -> "); ok {
			f := strings.Fields(left)
			n := f[len(f)-1]
			if numbers = append(numbers, n); n == "0" {
				stdin = strings.TrimSpace(to)
			}
		}
	}
	slices.Sort(numbers)
	return numbers, stdin
}

func TestNothingIsInheritedFurther(t *testing.T) {
	r, w := pipe(t)
	blocked(t) // whose channel and pipes are open here
	base, err := ls()
	if err != nil {
		t.Fatal(err)
	}
	want, _ := descriptors(t, string(base)) // 0, 1, 2, its own, and what our starter left open
	got, stdin := descriptors(t, output(t, "ls", r, w))
	if !slices.Equal(got, want) {
		t.Errorf("descriptors %v, want %v", got, want)
	}
	if stdin != os.DevNull {
		t.Errorf("standard input is %s, want %s", stdin, os.DevNull)
	}
}

func TestReapedWithoutJoin(t *testing.T) {
	for range 8 {
		if _, err := proc.Start(t.Context(), &proc.Command{Payload: []byte("exit 0")}); err != nil {
			t.Fatal(err)
		}
	}
	var left []process
	if !until(func() bool { left = ownProcesses(); return len(left) == 0 }) {
		t.Errorf("left over: %v", left)
	}
}

func TestWaitingHoldsNoThreads(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts two hundred children: go test without -short runs it, as .ci/run does")
	}
	const n = 200
	var children []*proc.Process
	for range n {
		children = append(children, sleeper(t))
	}
	threads, err := filepath.Glob("/proc/self/task/*")
	if err != nil {
		t.Fatal(err)
	}
	if len(threads) >= n/4 {
		t.Errorf("%d threads wait for %d children", len(threads), n)
	}
	for _, p := range children {
		p.Terminate()
	}
	for _, p := range children {
		if code := join(t, p); code != -15 {
			t.Errorf("exit code %d, want -15", code)
		}
	}
}

// startWithFewDescriptors starts children with every number of descriptors
// left to do it with, from none to enough.
func startWithFewDescriptors(self *proc.Self, _ []byte) int {
	proc.KeepReady(0) // what is ready has descriptors too, which come and go
	ctx := context.Background()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		fmt.Println(err)
		return 1
	}
	// One start before we count, for what the runtime opens once.
	if p, err := proc.Start(ctx, &proc.Command{Payload: []byte("exit 0"), Stdout: new(bytes.Buffer)}); err != nil || p.Join(ctx) != nil {
		fmt.Println(err)
		return 1
	}
	before, goroutines := leaks.Descriptors(), runtime.NumGoroutine()
	failed, started := 0, 0
	for few := uint64(3); few < uint64(len(before))+16; few++ {
		low := limit
		low.Cur = few
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
			fmt.Println(err)
			return 1
		}
		p, err := proc.Start(ctx, &proc.Command{Payload: []byte("exit 0"), Stdout: new(bytes.Buffer), Stderr: io.Discard})
		switch {
		case err == nil:
			started++
			p.Join(ctx) // its code says nothing: it has as few as we
		case ourError(err, syscall.EMFILE):
			failed++
		default:
			fmt.Printf("limit of %d: %v\n", few, err)
		}
	}
	unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
	if failed == 0 || started == 0 {
		fmt.Printf("%d starts failed, %d didn't\n", failed, started)
	}
	if !until(func() bool {
		return maps.Equal(leaks.Descriptors(), before) && runtime.NumGoroutine() <= goroutines && len(ownProcesses()) == 0
	}) {
		fmt.Printf("left over: %v, was %v; %d goroutines, were %d; %v\n",
			leaks.Descriptors(), before, runtime.NumGoroutine(), goroutines, ownProcesses())
	}
	p, err := proc.Start(ctx, &proc.Command{Payload: []byte("exit 5")})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	p.Join(ctx)
	if code, _ := p.ExitCode(); code != 5 {
		fmt.Printf("exit code %d, want 5\n", code)
	}
	return 0
}

// askBlindly asks for its parent where poll(2) fails: it takes no more descriptors
// than there may be.
func askBlindly(self *proc.Self, _ []byte) int {
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Max: 64}); err != nil {
		fmt.Println(err)
	}
	select {
	case <-self.ParentGone():
		fmt.Println("the parent is gone")
	default:
		fmt.Println("the parent lives")
	}
	return 0
}

// A look that fails is no answer: asking once blocked until the parent ended.
func TestAskBlindly(t *testing.T) {
	if got := output(t, "blind"); got != "the parent lives\n" {
		t.Error(got)
	}
}

func TestNoDescriptors(t *testing.T) {
	if got := output(t, "few"); got != "" {
		t.Error(got)
	}
}
