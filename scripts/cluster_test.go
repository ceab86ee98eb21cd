//go:build linux

package scripts

import (
	"bufio"
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
)

// buildDaemon builds luaspawnd, once.
var buildDaemon = sync.OnceValues(func() (string, error) {
	daemon := filepath.Join(binDir, "luaspawnd")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", daemon, "./proc/cluster/luaspawnd")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return daemon, nil
})

// A daemon is a luaspawnd that a test has started.
type daemon struct {
	*exec.Cmd
	lines chan string
	done  chan struct{}
}

// startDaemon starts luaspawnd, which ends with the test.
func startDaemon(t *testing.T, env []string, args ...string) *daemon {
	t.Helper()
	build(t)
	path, err := buildDaemon()
	if err != nil {
		t.Fatal(err)
	}
	return startLine(t, env, append([]string{path}, args...)...)
}

// startLine starts a command line that comes to luaspawnd, which ends with the test.
func startLine(t *testing.T, env []string, line ...string) *daemon {
	t.Helper()
	d := &daemon{Cmd: exec.Command(line[0], line[1:]...), lines: make(chan string, 1000), done: make(chan struct{})}
	d.Env = append(os.Environ(), env...)
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d.Stdout, d.Stderr = in, in
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	go func() {
		defer out.Close()
		for s := bufio.NewScanner(out); s.Scan(); {
			d.lines <- s.Text()
		}
	}()
	go func() {
		d.Wait()
		close(d.done)
	}()
	t.Cleanup(func() {
		d.Process.Signal(syscall.SIGTERM)
		select {
		case <-d.done:
		case <-time.After(commandPatience):
			d.Process.Kill()
			t.Errorf("%v doesn't end", line)
		}
	})
	return d
}

// await waits for a line in which re matches, and returns what its first group matched.
func (d *daemon) await(t *testing.T, re string) string {
	t.Helper()
	var all []string
	for {
		select {
		case line := <-d.lines:
			all = append(all, line)
			if m := regexp.MustCompile(re).FindStringSubmatch(line); m != nil {
				return m[len(m)-1]
			}
		case <-time.After(commandPatience):
			t.Fatalf("no line is like %s, but:\n%s", re, strings.Join(all, "\n"))
		}
	}
}

// startCluster starts a server and workers, and returns the environment of a script that uses them.
func startCluster(t *testing.T, workers int) (env []string) {
	t.Helper()
	command := build(t)
	keys := filepath.Join(t.TempDir(), "keys")
	server := startDaemon(t, nil, "serve", "--listen", "127.0.0.1:0", "--keys", keys)
	address := server.await(t, `serving at (\S+)$`)
	env = []string{"LUASPAWN_CLUSTER=" + address, "LUASPAWN_KEYS=" + keys}
	for i := range workers {
		w := startDaemon(t, env, "worker", "--processes", "2", "--name", fmt.Sprintf("machine-%d", i+1), "--program", command)
		w.await(t, "connected to")
	}
	return append(env, "LUASPAWND="+filepath.Join(filepath.Dir(command), "luaspawnd"))
}

// runInCluster is run with such an environment. Without what is said where the machine is so busy that the workers, which
// are connected, aren't there within five seconds.
func runInCluster(env []string, command, dir string, args ...string) result {
	r := run("env", dir, append(append(env, command), args...)...)
	r.stderr = waitsForWorker.ReplaceAllString(r.stderr, "")
	return r
}

var waitsForWorker = regexp.MustCompile(`(?m)^luaspawn: pool '\S+' waits for a worker at .*\n`)

// Each command of luaspawnd says what there is.
func TestDaemonHelp(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds luaspawnd: go test without -short runs it, as .ci/run does")
	}
	t.Parallel()
	build(t)
	daemon, err := buildDaemon()
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-h"}, {"serve", "-h"}, {"worker", "nats://head", "--help"}} {
		if out, err := exec.Command(daemon, args...).Output(); err != nil || !strings.HasPrefix(string(out), "usage: luaspawnd serve") {
			t.Errorf("%q: %v, %q", args, err, out)
		}
	}
}

// Scripts run over machines as they do over local workers.
func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds luaspawnd: go test without -short runs it, as .ci/run does")
	}
	t.Parallel()
	command := build(t)
	env := startCluster(t, 2)
	scripts, err := filepath.Glob("testdata/cluster/*.lua")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(filepath.Base(script), func(t *testing.T) {
			want, err := os.ReadFile(strings.TrimSuffix(script, ".lua") + ".out")
			if err != nil {
				t.Fatal(err)
			}
			dir, err := filepath.Abs(filepath.Dir(script))
			if err != nil {
				t.Fatal(err)
			}
			got := runInCluster(env, command, dir, filepath.Base(script))
			if got.err != nil || got.status != 0 || got.stderr != "" {
				t.Errorf("error %v, exit status %d, on standard error:\n%s", got.err, got.status, got.stderr)
			}
			if got.stdout != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got.stdout, want)
			}
		})
	}
}

// A script whose pool has its own server says how to start a worker that the pool can use, and one that waits in vain
// says so, and goes on. Its name is printed as it is.
func TestClusterOfItsOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds luaspawnd: go test without -short runs it, as .ci/run does")
	}
	t.Parallel()
	command := build(t)
	daemon, err := buildDaemon()
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys")
	script := filepath.Join(t.TempDir(), "script.lua")
	if err := os.WriteFile(script, []byte(`
		local pool = require("multiprocessing").Pool{cluster = true, name = "100%s", tags = {"it's", "gpu"}}
		print(pool:apply(function(a, b) return a + b end, {20, 22}))
		pool:close()
		pool:join()`), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(command, script)
	cmd.Env = append(os.Environ(), "LUASPAWN_KEYS="+keys, "LUASPAWND="+daemon)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stdout strings.Builder
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(stderr)
	line, all := "", ""
	for said.Scan() {
		m := regexp.MustCompile(`^luaspawn: pool '100%s' waits for a worker at \S+; to start one:  (luaspawnd worker 'nats://\S+ --tag .*)$`).FindStringSubmatch(said.Text())
		if m != nil {
			line = m[1]
			break
		}
		all += said.Text() + "\n"
	}
	if line == "" {
		t.Fatalf("it doesn't say what it waits for, but:\n%s", all)
	}
	path := "PATH=" + filepath.Dir(daemon) + ":" + os.Getenv("PATH")
	w := startLine(t, []string{"LUASPAWN_KEYS=" + keys, path}, "/bin/sh", "-c", "exec "+line+" --program '"+command+"'")
	w.await(t, "connected to")
	for said.Scan() {
		t.Errorf("it says %q", said.Text())
	}
	if err := cmd.Wait(); err != nil || stdout.String() != "42\n" {
		t.Errorf("%q, %v", stdout.String(), err)
	}
}

// A script that a signal ends takes its tasks on other machines along, and doesn't leave that to the lease.
func TestClusterScriptKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds luaspawnd: go test without -short runs it, as .ci/run does")
	}
	t.Parallel()
	command := build(t)
	env := startCluster(t, 1)
	for _, c := range []struct {
		name   string
		signal syscall.Signal
		all    bool // its bridge gets the signal too, as from a terminal or a service manager
	}{
		{"kill", syscall.SIGKILL, false},
		{"Ctrl-C", syscall.SIGINT, true},
		{"a service's end", syscall.SIGTERM, true},
		{"a terminal's end", syscall.SIGHUP, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command(command, "-e", `
				require("multiprocessing").Pool{lease = 3600, processes = 1}:apply(function()
					print(os.getpid())
					while true do end
				end)`)
			cmd.Env = append(os.Environ(), env...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			said := bufio.NewScanner(stdout)
			said.Scan()
			pid, err := strconv.Atoi(said.Text())
			to := cmd.Process.Pid
			if c.all {
				to = -to
			}
			syscall.Kill(to, c.signal)
			cmd.Wait()
			if err != nil {
				t.Fatal(err)
			}
			awaitEnd(t, pid)
		})
	}
}

// awaitEnd waits until a process has ended that isn't this one's child.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	over := time.After(commandPatience)
	for syscall.Kill(pid, 0) == nil {
		if stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); strings.Contains(string(stat), ") Z ") {
			return // nobody reaps orphans here
		}
		select {
		case <-over:
			syscall.Kill(pid, syscall.SIGKILL)
			t.Fatal("the task goes on")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// luaspawn itself, which is every child, links no NATS: only luaspawnd does.
func TestClusterApart(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs go list three times: go test without -short runs it, as .ci/run does")
	}
	t.Parallel()
	for _, c := range []struct {
		of   string
		with bool
	}{{".", false}, {"./proc/pool/remote", false}, {"./proc/cluster/luaspawnd", true}} {
		list := exec.Command("go", "list", "-deps", c.of)
		list.Dir = root
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(string(out), "github.com/nats-io/"); has != c.with {
			t.Errorf("%s depends on NATS: %v, want %v", c.of, has, c.with)
		}
		if c.with && strings.Contains(string(out), "gopher-lua") {
			t.Errorf("%s depends on Lua", c.of)
		}
	}
}

// runOverMachines is run with a cluster of one machine.
func runOverMachines(t *testing.T, command, dir, file string) result {
	return runInCluster(startCluster(t, 1), command, dir, file)
}
