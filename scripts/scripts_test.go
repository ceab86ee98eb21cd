// Package scripts holds the examples, each with what it prints, and the tests that run them with the
// real command. See expect_test.go for the form of the .txt files.
package scripts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const (
	root     = ".."             // of the repository, seen from this package's directory
	deadline = 2 * time.Minute  // for one script, of those that run at the same time
	grace    = 30 * time.Second // for processes to disappear after their script has ended
)

// networked are the scripts that need another one, or run until they are ended: socket_test.go runs them.
var networked = []string{"echo_client.lua", "echo_server.lua", "prefork_server.lua"}

// TestScripts runs every script of this directory as README.md says, from the repository's root,
// all of them at the same time: they mostly sleep.
func TestScripts(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("*.lua")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("scripts found: %v, %v", scripts, err)
	}
	for _, script := range networked {
		if !slices.Contains(scripts, script) {
			t.Errorf("no %s", script)
		}
	}
	scripts = slices.DeleteFunc(scripts, func(script string) bool { return slices.Contains(networked, script) })
	command := build(t)
	var started sync.WaitGroup
	tests := make([]func(*testing.T), len(scripts))
	for i, script := range scripts {
		started.Go(func() { tests[i] = expect(command, script) })
	}
	started.Wait()
	for i, script := range scripts {
		t.Run(strings.TrimSuffix(script, ".lua"), tests[i])
	}
}

var binDir string // holds the command while the tests run

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "luaspawn-scripts")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binDir = dir
	// What these tests are started with ignored, by nohup or a shell's &, the command would
	// go on to ignore. What is caught here has its default there.
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// build makes the command, once for all tests, and returns its path.
func build(t *testing.T) string {
	t.Helper()
	command, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return command
}

var buildOnce = sync.OnceValues(func() (string, error) {
	if command := os.Getenv("LUASPAWN_COMMAND"); command != "" { // Wine has no Go
		return command, nil
	}
	// go test takes a result from its cache unless something changed that the test itself looked at;
	// what the go build below reads is not known to it. So look at all of it.
	for _, dir := range []string{"proc", "luabind"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(string, fs.DirEntry, error) error { return nil })
		if err != nil {
			return "", err
		}
	}
	for _, file := range []string{"go.mod", "main.go"} {
		if _, err := os.Stat(filepath.Join(root, file)); err != nil {
			return "", err
		}
	}

	command := filepath.Join(binDir, "luaspawn")
	if runtime.GOOS == "windows" {
		command += ".exe"
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", command, ".")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as README.md says
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return command, nil
})

type result struct {
	stdout, stderr string
	status         int
	err            error // it hung, left a process behind, or could not be run at all
}

// runs counts the calls of run.
var runs atomic.Int64

// run runs the command in dir and waits for the end of everything that it started.
func run(command, dir string, args ...string) result {
	return runWithin(grace, command, dir, args...)
}

// runWithin is run where what was started has less time, or more, to disappear.
func runWithin(grace time.Duration, command, dir string, args ...string) result {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, command, args...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// Children inherit the environment, so that this entry finds them whoever their parent is by then.
	// The same script may run twice at the same time, so they are numbered.
	mark := fmt.Sprintf("LUASPAWN_TEST_RUN=%d.%d %s", os.Getpid(), runs.Add(1), strings.Join(args, " "))
	cmd.Env = append(os.Environ(), mark)
	// After the command's own end its output stays open as long as a child lives that could write to it.
	cmd.WaitDelay = grace

	err := cmd.Run()
	status := cmd.ProcessState.ExitCode() // -1 if it could not be started
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("did not end within %v", deadline)
	case errors.As(err, &exit):
		err = nil
	case errors.Is(err, exec.ErrWaitDelay):
		err = fmt.Errorf("its output was still open %v after its end", grace)
	}
	printed, torn := inText(stdout.String())
	messages, _ := inText(stderr.String()) // what the command says of its own has other ends
	return result{printed, messages, status, errors.Join(err, torn, noneLeft(mark, grace))}
}

// inText returns output as it is where lines end in "\n". What scripts print on Windows ends in "\r\n", else there is
// an error.
func inText(output string) (string, error) {
	if runtime.GOOS != "windows" {
		return output, nil
	}
	text := strings.ReplaceAll(output, "\r\n", "\n")
	if strings.Count(text, "\n") != len(output)-len(text) {
		return text, fmt.Errorf("not all lines end in \\r\\n: %q", output)
	}
	return text, nil
}

// noneLeft waits until no process has mark in its environment. Those that stay for longer than grace are
// killed, and an error names them. It sees processes where there is a /proc.
func noneLeft(mark string, grace time.Duration) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(grace)
	for {
		left := marked(mark)
		if len(left) == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-timeout:
			killMarked(mark)
			return fmt.Errorf("left processes behind: %v", left)
		}
	}
}

// marked returns the processes that have mark in their environment.
func marked(mark string) []int {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	var pids []int
	for _, dir := range dirs {
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil && isMarked(pid, mark) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func isMarked(pid int, mark string) bool {
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return false // it has ended, or is another user's
	}
	return slices.ContainsFunc(bytes.Split(environ, []byte{0}), func(entry []byte) bool { return string(entry) == mark })
}

// killMarked kills the processes that have mark in their environment, and no other that has got the number of
// one that has ended.
func killMarked(mark string) {
	for _, pid := range marked(mark) {
		if p, err := os.FindProcess(pid); err == nil { // from here on it is the same one
			if isMarked(pid, mark) {
				p.Kill()
			}
			p.Release()
		}
	}
}

// The check for processes left behind must be able to fail.
func TestRunFindsWhatIsLeft(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for seconds: go test without -short runs it, as .ci/run does")
	}
	t.Parallel()
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("needs /proc to see other processes")
	}
	const soon = 2 * time.Second
	got := runWithin(soon, "sh", ".", "-c", "sleep 50 >/dev/null 2>&1 & echo started; exit 3")
	if got.err == nil || !strings.Contains(got.err.Error(), "left processes behind") {
		t.Errorf("got %v, want an error that a process was left behind", got.err)
	}
	if got.stdout != "started\n" || got.status != 3 {
		t.Errorf("got %q and status %d, want \"started\\n\" and 3", got.stdout, got.status)
	}
	got = runWithin(soon, "sh", ".", "-c", "sleep 51 & echo started")
	if got.err == nil || !strings.Contains(got.err.Error(), "output was still open") {
		t.Errorf("got %v, want an error that the output was still open", got.err)
	}
}
