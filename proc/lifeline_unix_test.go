//go:build unix

package proc_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"luaspawn/proc"
)

// unixRoles are roles that there are not on Windows.
var unixRoles = map[string]func(*proc.Self, []byte) int{
	"family": startFamily,
	"busy":   computeForEver,
	"stop":   stopForEver,
	"orphan": waitForParent,
	"leave":  leaveGrandchild,
	"cat":    printFiles,
	"accept": acceptOne,
	"group":  interruptGroup,
	"leak":   leakChannel,
	"sh":     executeOften,

	"leave-lines": leaveAfterLines,
	"leave-flood": leaveFlood,
}

// startFamily starts a daemon of the given role and another child, each with one
// of our files and the third, and lives on.
func startFamily(self *proc.Self, daemon []byte) int {
	for i, c := range []*proc.Command{
		{Payload: daemon, Daemon: true},
		{Payload: []byte("orphan")},
	} {
		c.Files = []*os.File{self.Files[i], self.Files[2]}
		if _, err := proc.Start(context.Background(), c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return outlive(self)
}

// outlive closes what a parent that lives on doesn't need, and lives until its own parent has ended.
func outlive(self *proc.Self) int {
	for _, f := range self.Files {
		f.Close()
	}
	<-self.ParentGone()
	return 0
}

var sink int

func computeForEver(self *proc.Self, _ []byte) int {
	self.Files[1].WriteString("x")
	for {
		sink++
	}
}

func stopForEver(self *proc.Self, _ []byte) int {
	self.Files[1].WriteString("x")
	stopSelf()
	return 0
}

func waitForParent(self *proc.Self, _ []byte) int {
	self.Files[1].WriteString("x")
	<-self.ParentGone()
	fmt.Fprint(self.Files[0], self.ParentPid())
	return 0
}

func TestParentKilled(t *testing.T) {
	t.Setenv("GOMAXPROCS", "1")
	for _, daemon := range []string{"busy", "stop"} {
		t.Run(daemon, func(t *testing.T) {
			if daemon == "stop" && !stoppedEnd {
				t.Skip("only Linux's kernel ends a daemon that is stopped")
			}
			killParent(t, daemon)
		})
	}
}

func killParent(t *testing.T, daemon string) {
	daemonR, daemonW := pipe(t)
	orphanR, orphanW := pipe(t)
	readyR, readyW := pipe(t)
	parent := start(t, &proc.Command{Payload: []byte("family " + daemon), Files: []*os.File{daemonW, orphanW, readyW}})
	for _, f := range []*os.File{daemonW, orphanW, readyW} {
		f.Close()
	}
	readyR.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(readyR, make([]byte, 2)); err != nil {
		t.Fatalf("two children should be ready: %v", err)
	}

	parent.Kill()
	if code := join(t, parent); code != -9 {
		t.Errorf("exit code %d, want -9", code)
	}
	// Only they have these pipes now: the end of the file is theirs.
	daemonR.SetReadDeadline(time.Now().Add(patience))
	if b, err := io.ReadAll(daemonR); len(b) > 0 || err != nil {
		t.Errorf("daemon, after its parent: %q, %v", b, err)
	}
	orphanR.SetReadDeadline(time.Now().Add(patience))
	if b, err := io.ReadAll(orphanR); string(b) != fmt.Sprint(parent.Pid()) || err != nil {
		t.Errorf("orphan: %q, %v, want the parent's pid %d", b, err, parent.Pid())
	}
}

// leakChannel starts a daemon, and another child that has our end of the daemon's channel.
func leakChannel(self *proc.Self, _ []byte) int {
	daemon, err := proc.Start(context.Background(), &proc.Command{Payload: []byte("busy"), Daemon: true, Files: self.Files})
	if err == nil {
		files := append(self.Files[2:3:3], self.Files[1], daemon.Channel())
		_, err = proc.Start(context.Background(), &proc.Command{Payload: []byte("orphan"), Files: files})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return outlive(self)
}

// executeOften starts programs while the lifeline waits for the parent's end.
func executeOften(self *proc.Self, _ []byte) int {
	for range 20 {
		if out, err := exec.Command("/bin/sh", "-c", "echo done").Output(); err != nil || string(out) != "done\n" {
			fmt.Printf("%q, %v\n", out, err)
			return 1
		}
	}
	return 0
}

// A daemon can start programs: on macOS the first one never came back, since the lifeline
// held the lock that a start takes.
func TestDaemonExecutes(t *testing.T) {
	var b bytes.Buffer
	p := start(t, &proc.Command{Payload: []byte("sh"), Daemon: true, Stdout: &b})
	if code := join(t, p); code != 0 {
		t.Errorf("exit code %d: %s", code, &b)
	}
}

// leaveGrandchild leaves a shell behind that has our output, and our file to
// read from.
func leaveGrandchild(self *proc.Self, script []byte) int {
	cmd := exec.Command("/bin/sh", "-c", string(script))
	cmd.Stdin, cmd.Stdout = self.Files[0], os.Stdout
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Print("first\nunfinished")
	return 0
}

// shellPipe makes a pipe that a shell can read from. That shares its flags with
// us, and would take a non-blocking one for empty; Fd is what makes it blocking.
func shellPipe(t *testing.T) (r, w *os.File) {
	r, w = pipe(t)
	r.Fd()
	return r, w
}

func TestGrandchildHoldsThePipe(t *testing.T) {
	r, w := shellPipe(t)
	var out signalled
	p := start(t, &proc.Command{
		Payload: []byte("leave read x; echo later; read x; printf last"),
		Files:   []*os.File{r},
		Stdout:  out.init(),
	})
	r.Close()
	if code := join(t, p); code != 0 {
		t.Errorf("exit code %d", code)
	}
	got := ""
	for range len(out.writes) { // all are there already
		got += <-out.writes
	}
	if want := "first\nunfinished"; got != want {
		t.Errorf("joined with %q, want %q", got, want)
	}
	fmt.Fprintln(w)
	out.await(t, "later\n")
	fmt.Fprintln(w)
	out.await(t, "last")
}

// slow is a Writer that is held up until it may go on.
type slow struct {
	bytes.Buffer
	goOn chan struct{}
}

func (s *slow) Write(b []byte) (int, error) {
	<-s.goOn
	return s.Buffer.Write(b)
}

// What is in the pipe when the child ends is delivered before Join returns,
// although the end of the file isn't there.
func TestSlowWriterGetsAll(t *testing.T) {
	r, w := shellPipe(t)
	out := &slow{goOn: make(chan struct{})}
	p := start(t, &proc.Command{
		Payload: []byte("leave-lines read x"),
		Files:   []*os.File{r},
		Stdout:  out,
	})
	r.Close()
	if !until(func() bool { return syscall.Kill(p.Pid(), 0) == syscall.ESRCH }) {
		t.Fatal("the child doesn't end")
	}
	close(out.goOn)
	join(t, p)
	if want := 1000*len("a line\n") + len("first\nunfinished"); out.Len() != want {
		t.Errorf("got %d bytes, want %d", out.Len(), want)
	}
	w.Close()
}

func leaveAfterLines(self *proc.Self, script []byte) int {
	for range 1000 {
		fmt.Println("a line")
	}
	return leaveGrandchild(self, script)
}

// leaveFlood gives its grandchild the time to begin that it takes us to get rid
// of several pipes full.
func leaveFlood(self *proc.Self, script []byte) int {
	code := leaveGrandchild(self, script)
	os.Stdout.Write(bytes.Repeat([]byte("drop\n"), 60_000))
	return code
}

// lazy is a Writer that takes so long that the pipe is full again.
type lazy struct{}

func (lazy) Write(b []byte) (int, error) {
	for range 1000 {
		sha256.Sum256(b)
	}
	return len(b), nil
}

// A grandchild that never stops writing must not keep Join from its end.
func TestGrandchildFloods(t *testing.T) {
	r, w := shellPipe(t)
	p := start(t, &proc.Command{
		Payload: []byte("leave-flood yes & read x; kill $!"),
		Files:   []*os.File{r},
		Stdout:  lazy{},
	})
	r.Close()
	if code := join(t, p); code != 0 {
		t.Errorf("exit code %d", code)
	}
	w.Close() // ends the flood
}
