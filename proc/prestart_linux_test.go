//go:build !portable

package proc_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/proc"
)

// prestartRoles are what the children of these tests can be, and of others of what only Linux has.
var prestartRoles = map[string]func(*proc.Self, []byte) int{
	"spare":      spare,
	"inherited":  printInherited,
	"prestarted": keepPrestarted,

	"write-to-5": writeTo5,
	"standing":   readStanding,

	"renice-unseen": reniceUnseen,
	"renice-moved":  reniceMoved,
	"environ":       printEnviron,
	"name":          printName,
	"touch":         touch,
	"notes":         func(*proc.Self, []byte) int { fmt.Printf("%q", notes); return 0 },
}

// stoppedEnd says that a daemon ends with its parent while it is stopped.
const stoppedEnd = true

// notes are those that this child was told before its job; nil if it wasn't kept ready.
var notes []string

// prepare is what children do that are kept ready.
func prepare(w *proc.Waiting) {
	notes = []string{}
	for {
		note, ok := w.Next()
		if !ok {
			return
		}
		if note != nil { // not only woken
			notes = append(notes, string(note))
		}
	}
}

// skipUnlessReady skips a test where children aren't kept ready: the others are
// run without that too.
func skipUnlessReady(t testing.TB) {
	if how := os.Getenv("LUASPAWN_READY"); how == "0" || how == "killed" {
		t.Skip("LUASPAWN_READY=" + how)
	}
}

// awaitReady returns the pid of a child that is kept ready and waits.
func awaitReady(t testing.TB) int {
	t.Helper()
	var pids []int
	if !until(func() bool {
		pids = proc.Ready()
		return len(pids) > 0 && proc.IsWaiting(pids[0])
	}) {
		t.Fatal("no child is kept ready")
	}
	return pids[0]
}

// someReady sees to it that one child is kept ready. Of several that other tests have left half would be let go when a second
// has passed, those first that have waited for longest.
func someReady(t testing.TB) int {
	t.Helper()
	proc.Drain()
	join(t, start(t, &proc.Command{Payload: []byte("exit 0")}))
	return awaitReady(t)
}

func TestReadyIsUsed(t *testing.T) {
	skipUnlessReady(t)
	want := someReady(t)
	var b bytes.Buffer
	p := start(t, &proc.Command{Payload: []byte("print hello"), Stdout: &b})
	if p.Pid() != want {
		t.Errorf("process %d was started, %d was ready", p.Pid(), want)
	}
	if slices.Contains(proc.Ready(), want) {
		t.Error("it is still among those that are ready")
	}
	if code := join(t, p); code != 0 || b.String() != "hello" {
		t.Errorf("exit code %d, output %q", code, &b)
	}
	if next := awaitReady(t); next == want {
		t.Error("no other has taken its place")
	}
	if c := proc.Children(); len(c) > 0 {
		t.Errorf("children: %v", c)
	}
}

// A child that is started once and kept is no sign that others will be.
func TestLasting(t *testing.T) {
	skipUnlessReady(t)
	proc.Drain()
	join(t, start(t, &proc.Command{Payload: []byte("exit 0"), Lasting: true}))
	if n := proc.Wanted(); n != 0 {
		t.Errorf("%d are to be prestarted after it", n)
	}
	want := someReady(t)
	p := start(t, &proc.Command{Payload: []byte("exit 0"), Lasting: true})
	if join(t, p); p.Pid() != want {
		t.Errorf("process %d was started, %d was ready", p.Pid(), want)
	}
}

// printInherited prints all that a child has from its starter.
func printInherited(*proc.Self, []byte) int {
	dir, err := os.Getwd()
	if err != nil {
		fmt.Println(err)
	}
	umask := syscall.Umask(0)
	var files unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_FSIZE, &files)
	nice, _ := unix.Getpriority(unix.PRIO_PROCESS, 0)
	var cpus unix.CPUSet
	unix.SchedGetaffinity(0, &cpus)
	procs, set := os.LookupEnv("GOMAXPROCS")
	fmt.Println(os.Getenv("LUASPAWN_INHERITED"), procs, set, dir, umask, files.Cur, 20-nice, cpus.Count(),
		signal.Ignored(unix.SIGHUP), unix.Getpgrp() == os.Getpid(), os.Args, runtime.GOMAXPROCS(0))
	return 0
}

// environBefore is what a program sees before Init.
var environBefore = os.Environ()

// printEnviron prints what is there before Init and is not the starter's.
func printEnviron(*proc.Self, []byte) int {
	find := func(environ []string) (found []string) {
		for _, v := range environ {
			if name, _, _ := strings.Cut(v, "="); name == "GOMAXPROCS" || name == "LUASPAWN_CHILD" {
				found = append(found, name)
			}
		}
		slices.Sort(found)
		return found
	}
	fmt.Print(find(environBefore), find(proc.Environ(environBefore)), find(os.Environ()))
	return 0
}

// What prestarted workers find in their environment until Init is taken out of it, also
// for who has looked before.
func TestReadyEnviron(t *testing.T) {
	skipUnlessReady(t)
	t.Setenv("GOMAXPROCS", "") // to be put back
	os.Unsetenv("GOMAXPROCS")
	ready := someReady(t)
	if got, want := output(t, "environ"), "[GOMAXPROCS LUASPAWN_CHILD] [] []"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if slices.Contains(proc.Ready(), ready) {
		t.Error("the child that was ready was not used")
	}
	os.Setenv("GOMAXPROCS", "1")
	someReady(t)
	if got, want := output(t, "environ"), "[GOMAXPROCS LUASPAWN_CHILD] [GOMAXPROCS] [GOMAXPROCS]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Nobody can tell from inside whether a child was kept ready.
func TestReadyIsLikeOthers(t *testing.T) {
	skipUnlessReady(t)
	pid := someReady(t)
	got := output(t, "inherited")
	if slices.Contains(proc.Ready(), pid) {
		t.Error("the child that was ready was not used")
	}
	proc.KeepReady(0)
	want := output(t, "inherited")
	proc.KeepReady(-1)
	if got != want {
		t.Errorf("kept ready %sstarted %s", got, want)
	}
}

// A child has what its starter has at the start, not what that had when the
// child was made ready.
func TestReadyInherits(t *testing.T) {
	skipUnlessReady(t)
	run := func() string { return output(t, "inherited") }
	set := func(t *testing.T, name string, change, back func()) {
		t.Run(name, func(t *testing.T) {
			someReady(t)
			before := run()
			ready := someReady(t)
			change()
			defer back()
			after := run() // made ready before the change
			proc.KeepReady(0)
			cold := run()
			proc.KeepReady(-1)
			if after != cold {
				t.Errorf("got %swant %s", after, cold)
			}
			if before == after {
				t.Errorf("nothing has changed: %s", after)
			}
			if syscall.Kill(ready, 0) == nil && slices.Contains(proc.Ready(), ready) {
				t.Error("what was ready before is still there")
			}
		})
	}
	t.Setenv("LUASPAWN_INHERITED", "old")
	set(t, "environment", func() { os.Setenv("LUASPAWN_INHERITED", "new") }, func() { os.Setenv("LUASPAWN_INHERITED", "old") })
	t.Setenv("GOMAXPROCS", "") // to be put back
	os.Unsetenv("GOMAXPROCS")
	set(t, "GOMAXPROCS", func() { os.Setenv("GOMAXPROCS", "3") }, func() { os.Unsetenv("GOMAXPROCS") })
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	set(t, "directory", func() { os.Chdir(t.TempDir()) }, func() { os.Chdir(dir) })
	umask := 0
	set(t, "umask", func() { umask = syscall.Umask(0o137) }, func() { syscall.Umask(umask) })
	var limit unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_FSIZE, &limit)
	low := limit
	low.Cur = 1 << 30
	set(t, "limit", func() { unix.Setrlimit(unix.RLIMIT_FSIZE, &low) }, func() { unix.Setrlimit(unix.RLIMIT_FSIZE, &limit) })
	if !signal.Ignored(unix.SIGHUP) { // that can't be undone, so it is for the first of several runs
		set(t, "signal", func() { signal.Ignore(unix.SIGHUP) }, func() {})
	}
}

// A program that changes what is inherited before each start has no use for
// prestarted workers, and not many are made for it.
func TestReadyInVain(t *testing.T) {
	skipUnlessReady(t)
	for i := range 10 {
		t.Setenv("LUASPAWN_INHERITED", fmt.Sprint(i))
		if got := output(t, "inherited"); !strings.HasPrefix(got, fmt.Sprint(i, " ")) {
			t.Errorf("start %d: %s", i, got)
		}
		pids := proc.Ready() // those too that were let go a moment ago
		if pids = slices.DeleteFunc(pids, func(pid int) bool { return !proc.IsWaiting(pid) }); len(pids) > 1 {
			t.Errorf("%v wait", pids)
		}
	}
}

func TestNotes(t *testing.T) {
	skipUnlessReady(t)
	proc.KeepReady(0)
	if got := output(t, "notes"); got != "[]" {
		t.Errorf("a child that was not kept ready: %s", got)
	}
	proc.KeepReady(-1)
	proc.Note([]byte("one"))
	someReady(t)
	proc.Note([]byte("two"))
	large := strings.Repeat("x", 1<<20)
	proc.Note([]byte(large))
	if !until(func() bool { // whoever is ready when the notes are out has them
		awaitReady(t)
		return strings.HasSuffix(output(t, "notes"), fmt.Sprintf(`"one" "two" %q]`, large))
	}) {
		t.Error("the notes don't arrive")
	}
}

// To wake a worker is a hint: it may come often, or for nothing, and doesn't block.
func TestWake(t *testing.T) {
	skipUnlessReady(t)
	pid := someReady(t)
	for range 1000 {
		proc.Wake()
	}
	p := start(t, &proc.Command{Payload: []byte("exit 7")})
	if code := join(t, p); code != 7 || p.Pid() != pid {
		t.Errorf("process %d, exit code %d; %d was ready", p.Pid(), code, pid)
	}

	pid = awaitReady(t)
	stop(t, pid)
	for range 10_000 {
		proc.Wake()
	}
	p = start(t, &proc.Command{Payload: []byte("exit 8")})
	if code := join(t, p); code != 8 || p.Pid() == pid {
		t.Errorf("process %d, exit code %d; %d was stopped", p.Pid(), code, pid)
	}
}

// stop stops a child. After kill alone all of its threads but one may go on for a while.
func stop(t *testing.T, pid int) {
	t.Helper()
	unix.Kill(pid, unix.SIGSTOP)
	for {
		switch err := unix.Waitid(unix.P_PID, pid, nil, unix.WSTOPPED|unix.WNOWAIT, nil); err {
		case nil:
			return
		case unix.EINTR:
		default:
			t.Fatal(os.NewSyscallError("waitid", err))
		}
	}
}

// What is stopped, or dies, while it waits, is never somebody's child.
func TestReadyIsStopped(t *testing.T) {
	skipUnlessReady(t)
	pid := someReady(t)
	stop(t, pid)
	p := start(t, &proc.Command{Payload: []byte("exit 7")})
	if code := join(t, p); code != 7 || p.Pid() == pid {
		t.Errorf("process %d, exit code %d; %d was stopped", p.Pid(), code, pid)
	}
}

// Nor is one that is stopped before it has read what it was told: nobody waits for it.
func TestReadyIsStoppedAndFull(t *testing.T) {
	skipUnlessReady(t)
	pid := someReady(t)
	if !until(func() bool { return proc.HasRead(pid) }) { // the notes of other tests fill its buffer
		t.Fatalf("%d doesn't read", pid)
	}
	stop(t, pid)
	proc.Note(make([]byte, 150<<10)) // it has room for that
	if !until(func() bool { return proc.IsTold(pid) }) {
		t.Fatal("the note is not told")
	}
	text := strings.Repeat("x", 100<<10) // and none for this
	var got bytes.Buffer
	p := start(t, &proc.Command{Payload: []byte("print " + text), Stdout: &got})
	if code := join(t, p); code != 0 || p.Pid() == pid || got.String() != text {
		t.Errorf("process %d, exit code %d, %d bytes of output; %d was stopped", p.Pid(), code, got.Len(), pid)
	}

	pid = awaitReady(t)
	stop(t, pid)
	proc.Note(make([]byte, 1<<20))
	if !until(func() bool { return awaitReady(t) != pid }) {
		t.Errorf("%d, which is stopped, is kept", pid)
	}
}

// Prestarted workers are killed at random while others are started: each job is done
// once, whatever happens to those that might have done it.
func TestReadyAreKilled(t *testing.T) {
	skipUnlessReady(t)
	n := 400
	switch {
	case testing.Short():
		n = 100
	case os.Getenv("LUASPAWN_STRESS") != "":
		n = 500
	}
	stop := killReady()
	var lines locked
	var gang sync.WaitGroup
	for i := range 4 {
		gang.Go(func() {
			for j := range n / 4 {
				p, err := proc.Start(context.Background(), &proc.Command{Payload: fmt.Appendf(nil, "print %d.%d\n", i, j), Stdout: &lines})
				if err != nil {
					t.Error(err)
					return
				}
				if code := join(t, p); code != 0 {
					t.Errorf("job %d.%d: exit code %d", i, j, code)
				}
			}
		})
	}
	gang.Wait()
	if killed := stop(); killed < n/100 {
		t.Errorf("%d prestarted workers were killed during %d starts", killed, n)
	} else {
		t.Logf("%d prestarted workers were killed during %d starts", killed, n)
	}
	seen := map[string]int{}
	for _, w := range lines.writes {
		for line := range strings.Lines(w) {
			seen[line]++
		}
	}
	for i := range 4 {
		for j := range n / 4 {
			if times := seen[fmt.Sprintf("%d.%d\n", i, j)]; times != 1 {
				t.Errorf("job %d.%d was done %d times", i, j, times)
			}
		}
	}
}

// keepPrestarted says who is ready below it, and stays. It keeps nobody before its third
// start: a tree of processes, each of which starts two, has no use for prestarted ones.
func keepPrestarted(self *proc.Self, _ []byte) int {
	for i := range 3 {
		if n := proc.Wanted(); n > 0 {
			fmt.Println(n, "prestarted workers are wanted after", i, "starts")
			return 1
		}
		p, err := proc.Start(context.Background(), &proc.Command{Payload: []byte("exit 0")})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		p.Join(context.Background())
	}
	until(func() bool { return len(proc.Ready()) > 0 })
	fmt.Println(proc.Ready()[0])
	<-self.ParentGone()
	return 0
}

func TestReadyDieWithTheirParent(t *testing.T) {
	skipUnlessReady(t)
	for _, end := range []func(*proc.Process) error{(*proc.Process).Kill, (*proc.Process).Terminate} {
		r, w := pipe(t)
		p := start(t, &proc.Command{Payload: []byte("prestarted"), Stdout: w})
		w.Close()
		var pid int
		said := bufio.NewReader(r)
		if line, err := said.ReadString('\n'); err != nil {
			t.Fatal(err)
		} else if pid, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
			t.Fatal(line)
		}
		end(p)
		join(t, p)
		if !until(func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH || state(pid) == "Z" }) {
			t.Errorf("process %d still waits", pid)
		}
	}
}

func state(pid int) string {
	b, _ := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "stat"))
	if f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])); len(f) > 0 {
		return f[0]
	}
	return "Z"
}

// Descriptors that a program has inherited itself reach its prestarted workers like
// any others, and those don't hold them open while they wait.
func TestReadyInheritsFiles(t *testing.T) {
	skipUnlessReady(t)
	r, w := pipe(t)
	cmd := exec.Command("/proc/self/exe")
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), mode+"=inherited file")
	cmd.ExtraFiles = []*os.File{nil, nil, w} // 5
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	r.SetReadDeadline(time.Now().Add(patience))
	b, err := io.ReadAll(r)
	stdin.Close()
	if string(b) != "cold ready " || err != nil {
		t.Errorf("read %q, %v", b, err)
	}
	if err := cmd.Wait(); err != nil || out.Len() > 0 {
		t.Errorf("%v, %s", err, &out)
	}
}

// inheritedFile is a program that was started with a descriptor 5. It ends when
// nobody has that any more: after two children have written to it, one of them
// kept ready, and while another one is.
func inheritedFile() {
	ctx := context.Background()
	for _, who := range []string{"cold", "ready"} {
		if who == "ready" && !until(func() bool { return len(proc.Ready()) > 0 && proc.IsWaiting(proc.Ready()[0]) }) {
			fmt.Println("no child is kept ready")
		}
		p, err := proc.Start(ctx, &proc.Command{Payload: []byte("write-to-5 " + who + " ")})
		if err != nil {
			fmt.Println(err)
			return
		}
		p.Join(ctx)
		if code, _ := p.ExitCode(); code != 0 {
			fmt.Println("exit code", code)
		}
	}
	until(func() bool { return len(proc.Ready()) > 0 && proc.IsWaiting(proc.Ready()[0]) })
	unix.Close(5)
	// The test reads to the end of the file, and closes this one then.
	io.Copy(io.Discard, os.Stdin)
	proc.Drain()
}

func writeTo5(_ *proc.Self, rest []byte) int {
	if _, err := unix.Write(5, rest); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// readStanding prints what is in the file that all children get, and then what is in the others.
func readStanding(self *proc.Self, _ []byte) int {
	b := make([]byte, 100)
	n, _ := self.Standing.ReadAt(b, 0)
	fmt.Printf("%s%d", b[:n], len(self.Files))
	return printFiles(self, nil)
}

// A file that all children get comes to those that were kept ready and to others, beside
// those of the job, and one that was kept ready without it, or with another one, is let go.
func TestStanding(t *testing.T) {
	file := func(text string) *os.File {
		f, err := os.Create(filepath.Join(t.TempDir(), text))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		f.Seek(0, io.SeekStart)
		return f
	}
	first, second := file("first"), file("second")
	for _, test := range []struct {
		standing *os.File
		ready    bool
	}{{first, false}, {first, true}, {second, true}, {second, true}} {
		if test.ready {
			skipUnlessReady(t)
			awaitReady(t)
		} else {
			proc.Drain()
		}
		var b bytes.Buffer
		own := file("own")
		p := start(t, &proc.Command{Payload: []byte("standing"), Standing: test.standing, Files: []*os.File{own}, Stdout: &b})
		join(t, p)
		if want := filepath.Base(test.standing.Name()) + "1own"; b.String() != want {
			t.Errorf("got %q, want %q", &b, want)
		}
	}
	proc.Drain() // those to come have none
}

// A child that becomes ready while all are let go, and is the first or differs from those before, was kept: with
// KeepReady(0) too, and if it was killed another one was made.
func TestReadyAsDrained(t *testing.T) {
	skipUnlessReady(t)
	someReady(t) // of a start that has told nothing but what this test needs
	proc.Drain()
	kept, err := proc.SettleAfterDrain()
	if err != nil {
		t.Fatal(err)
	}
	if n := proc.Wanted(); kept || n != 0 {
		t.Errorf("kept: %v, %d are wanted", kept, n)
	}
	proc.Drain()
}
