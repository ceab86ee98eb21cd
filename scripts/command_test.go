//go:build unix

package scripts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// commandPatience is how long a test of the command waits for anything.
const commandPatience = time.Minute

// TestCommand runs the files of testdata/command with luaspawn on the PATH, and those of testdata/cases:
// small inputs that once failed, each named by what it shows. Beside the commands of package testscript
// they have these; NAME is of the script's choosing:
//
//	status N PROGRAM ARGS...   as exec, and the exit status is N
//	spawn NAME PROGRAM ARGS... starts it, in a process group of its own
//	await NAME RE              waits until RE matches in what it has printed
//	signal NAME SIGNAL [RE]    sends INT, KILL and so on; to the whole group, as a terminal does, if NAME is -NAME. It is sent
//	                           again, each time that it has made it print something, until RE matches in all of that
//	ended NAME N               waits for the end, with status N (-N: by signal N), and for the end of all
//	                           that it and its children write, which stdout and stderr look at then
//	died NAME N                the same, but its children may live on
//	gone NAME RE               the processes whose pids are RE's groups in what it printed go, or are gone
//	alive NAME RE              they live
//	end NAME RE                they are killed
//	whole FILE N LENGTH        FILE ("stdout": what was printed last) is N lines of LENGTH bytes, none torn:
//	                           "CHILD I xxxxx", with the I of each CHILD in order
func TestCommand(t *testing.T) {
	dir := filepath.Dir(build(t))
	folders := []string{"command"}
	if !testing.Short() {
		folders = append(folders, "cases")
	}
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) { runCommand(t, dir, "testdata/"+folder) })
	}
}

// runCommand runs the testscripts of a folder with the luaspawn that is in dir.
func runCommand(t *testing.T, dir, scripts string) {
	testscript.Run(t, testscript.Params{
		Dir:                scripts,
		RequireUniqueNames: true,
		Condition: func(name string) (bool, error) {
			switch name {
			case "namespaces": // whether this user may make some
				return exec.Command("unshare", "-pf", "--mount-proc", "true").Run() == nil, nil
			case "numbers": // whether one may say which number the next process gets
				_, err := os.Stat("/proc/sys/kernel/ns_last_pid")
				return err == nil, nil
			case "mounts": // whether this user may mount a file system that nobody else sees
				return exec.Command("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", os.TempDir()).Run() == nil, nil
			case "root": // whether a process may become another user's
				_, err := exec.LookPath("setpriv")
				return os.Getuid() == 0 && err == nil, nil
			case "stress": // what takes long is wanted
				return os.Getenv("LUASPAWN_STRESS") != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", dir+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Values[commandSpawned{}] = map[string]*commandProcess{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": commandStatus,
			"spawn":  commandSpawn,
			"await":  commandAwait,
			"signal": commandSignal,
			"ended":  func(ts *testscript.TestScript, _ bool, args []string) { commandEnded(ts, args, true) },
			"died":   func(ts *testscript.TestScript, _ bool, args []string) { commandEnded(ts, args, false) },
			"gone":   commandGone,
			"alive":  commandAlive,
			"end":    commandEnd,
			"whole":  commandWhole,
		},
	})
}

func commandStatus(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("got status %d, want %d", got, want)
	}
}

// commandProcess is a process that spawn started.
type commandProcess struct {
	cmd    *exec.Cmd
	stdout commandOutput
	stderr commandOutput
	ended  chan struct{} // closed when the process itself has ended
}

// commandOutput is what came out of a pipe so far.
type commandOutput struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	wrote chan struct{} // closed by the next Write, or at the end
	eof   bool
}

func (o *commandOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.wrote)
	o.wrote = make(chan struct{})
	return o.buf.Write(p)
}

// look gives what came so far, whether that is all, and a channel that is closed when there is more.
func (o *commandOutput) look() (text string, eof bool, more <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String(), o.eof, o.wrote
}

// until waits until done holds of what came so far, and says whether it came to that.
func (o *commandOutput) until(done func(text string, eof bool) bool) bool {
	over := time.After(commandPatience)
	for {
		text, eof, more := o.look()
		if done(text, eof) {
			return true
		}
		if eof {
			return false
		}
		select {
		case <-more:
		case <-over:
			return false
		}
	}
}

// pipe gives the end that a process writes to; what it writes is copied to o.
func (o *commandOutput) pipe(ts *testscript.TestScript) *os.File {
	o.wrote = make(chan struct{})
	r, w, err := os.Pipe()
	ts.Check(err)
	go func() {
		defer r.Close()
		r.WriteTo(o)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.eof = true
		close(o.wrote)
	}()
	return w
}

type commandSpawned struct{} // the key of a script's processes, by name

func commandSpawn(ts *testscript.TestScript, _ bool, args []string) {
	p := &commandProcess{ended: make(chan struct{})}
	path, err := commandLook(ts, args[1])
	ts.Check(err)
	p.cmd = exec.Command(path, args[2:]...)
	p.cmd.Dir = ts.MkAbs(".")
	mark := fmt.Sprintf("LUASPAWN_TEST_RUN=%d.%d %s", os.Getpid(), runs.Add(1), ts.Name())
	p.cmd.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"), mark)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, stderr := p.stdout.pipe(ts), p.stderr.pipe(ts)
	p.cmd.Stdout, p.cmd.Stderr = stdout, stderr
	err = p.cmd.Start()
	stdout.Close()
	stderr.Close()
	ts.Check(err)
	go func() {
		defer close(p.ended)
		p.cmd.Wait()
	}()
	ts.Defer(func() {
		p.cmd.Process.Kill() // what a failed test left behind; not its group: the number may be another one's by now
		<-p.ended
		killMarked(mark)
	})
	ts.Value(commandSpawned{}).(map[string]*commandProcess)[args[0]] = p
}

func commandLook(ts *testscript.TestScript, program string) (string, error) {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not on the PATH", program)
}

func commandNamed(ts *testscript.TestScript, name string) *commandProcess {
	p := ts.Value(commandSpawned{}).(map[string]*commandProcess)[name]
	if p == nil {
		ts.Fatalf("no process was spawned as %q", name)
	}
	return p
}

func commandAwait(ts *testscript.TestScript, _ bool, args []string) {
	p, re := commandNamed(ts, args[0]), regexp.MustCompile("(?m)"+args[1])
	if !p.stdout.until(func(text string, _ bool) bool { return re.MatchString(text) }) {
		stdout, _, _ := p.stdout.look()
		stderr, _, _ := p.stderr.look()
		ts.Fatalf("no match for %s in %q; on standard error: %q", args[1], stdout, stderr)
	}
}

func commandSignal(ts *testscript.TestScript, _ bool, args []string) {
	name, group := strings.CutPrefix(args[0], "-")
	signal := unix.SignalNum("SIG" + args[1])
	if signal == 0 {
		ts.Fatalf("unknown signal %s", args[1])
	}
	p := commandNamed(ts, name)
	pid := p.cmd.Process.Pid
	if group {
		pid = -pid
	}
	if len(args) < 3 {
		ts.Check(syscall.Kill(pid, signal))
		return
	}
	re := regexp.MustCompile("(?m)" + args[2])
	over := time.After(commandPatience)
	before, sent := "", false
	for {
		stdout, _, moreOut := p.stdout.look()
		stderr, _, moreErr := p.stderr.look()
		text := stdout + "\n" + stderr
		if sent && re.MatchString(text) {
			return
		}
		if !sent || text != before { // one at a time, so that none is left to be answered
			ts.Check(syscall.Kill(pid, signal))
			before, sent = text, true
		}
		select {
		case <-moreOut:
		case <-moreErr:
		case <-p.ended:
			ts.Fatalf("%s has ended without a match for %s; it printed %q", name, args[2], text)
		case <-over:
			ts.Fatalf("no match for %s in %q", args[2], text)
		}
	}
}

func commandEnded(ts *testscript.TestScript, args []string, all bool) {
	p := commandNamed(ts, args[0])
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	select {
	case <-p.ended:
	case <-time.After(commandPatience):
		ts.Fatalf("%s has not ended", args[0])
	}
	if all {
		atEnd := func(_ string, eof bool) bool { return eof }
		if !p.stdout.until(atEnd) || !p.stderr.until(atEnd) {
			ts.Fatalf("%s has ended, but something still holds its output", args[0])
		}
	}
	stdout, _, _ := p.stdout.look()
	stderr, _, _ := p.stderr.look()
	fmt.Fprint(ts.Stdout(), stdout)
	fmt.Fprint(ts.Stderr(), stderr)
	got := p.cmd.ProcessState.ExitCode()
	if status := p.cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		got = -int(status.Signal())
	}
	if got != want {
		ts.Fatalf("%s ended with %d, want %d; on standard error: %q", args[0], got, want, stderr)
	}
}

// commandPids reads pids out of what a process printed. There is at least one.
func commandPids(ts *testscript.TestScript, name, re string) []int {
	text, _, _ := commandNamed(ts, name).stdout.look()
	var pids []int
	for _, match := range regexp.MustCompile("(?m)"+re).FindAllStringSubmatch(text, -1) {
		for _, group := range match[1:] {
			pid, err := strconv.Atoi(group)
			ts.Check(err)
			pids = append(pids, pid)
		}
	}
	if len(pids) == 0 {
		ts.Fatalf("no match for %s in %q", re, text)
	}
	return pids
}

// commandLives says whether a process runs. One that is dead, whose parent is dead too and which who takes
// orphans has yet to bury does not; any other zombie does.
func commandLives(pid int) bool {
	state, parent, ok := commandStat(pid)
	if !ok {
		return syscall.Kill(pid, 0) != syscall.ESRCH
	}
	return state != "Z" || !takesOrphans(parent)
}

// takesOrphans reports whether a process is one of those that the tests were started by: what is started here and left behind
// becomes a child of one of them, of process 1 if none says that it wants it.
func takesOrphans(pid int) bool {
	for at := os.Getpid(); at > 0; {
		_, parent, ok := commandStat(at)
		if ok && parent == pid {
			return true
		}
		at = parent
	}
	return false
}

// commandStat looks at a process where there is a /proc.
func commandStat(pid int) (state string, parent int, ok bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if err != nil || len(f) < 2 {
		return "", 0, false
	}
	parent, err = strconv.Atoi(f[1])
	return f[0], parent, err == nil
}

func commandGone(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), commandPatience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond) // nothing portable tells of the end of a stranger's child
	defer tick.Stop()
	for _, pid := range commandPids(ts, args[0], args[1]) {
		for commandLives(pid) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				ps, _ := exec.Command("ps", "-o", "pid,ppid,stat,args", "-p", strconv.Itoa(pid)).Output()
				ts.Fatalf("process %d is still there\n%s", pid, ps)
			}
		}
	}
}

func commandAlive(ts *testscript.TestScript, _ bool, args []string) {
	for _, pid := range commandPids(ts, args[0], args[1]) {
		if !commandLives(pid) {
			ts.Fatalf("process %d is gone", pid)
		}
	}
}

func commandEnd(ts *testscript.TestScript, _ bool, args []string) {
	for _, pid := range commandPids(ts, args[0], args[1]) {
		ts.Check(syscall.Kill(pid, syscall.SIGKILL))
	}
}

func commandWhole(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	length, err := strconv.Atoi(args[2])
	ts.Check(err)
	if !strings.HasSuffix(text, "\n") {
		ts.Fatalf("the last line has no end")
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != n {
		ts.Fatalf("got %d lines, want %d", len(lines), n)
	}
	next := map[string]int{}
	for i, line := range lines {
		words := strings.Split(line, " ")
		if len(line) != length || len(words) != 3 || strings.Trim(words[2], "x") != "" {
			ts.Fatalf("line %d is torn: %d bytes, %.80q", i+1, len(line), line)
		}
		next[words[0]]++
		if words[1] != strconv.Itoa(next[words[0]]) {
			ts.Fatalf("line %d: child %s got to %s, want %d", i+1, words[0], words[1], next[words[0]])
		}
	}
}
