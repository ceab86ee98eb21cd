//go:build unix

package proc_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"luaspawn/proc"
)

// unixRoles are roles that there are not on Windows.
var unixRoles = map[string]func(*proc.Self, []byte) int{
	"family": startFamily,
	"busy":   computeForEver,
	"orphan": waitForParent,
	"leave":  leaveGrandchild,
	"cat":    printFiles,
	"accept": acceptOne,
}

// startFamily starts a daemon and another child, each with one of our files and
// the third, and lives on.
func startFamily(self *proc.Self, _ []byte) int {
	for i, c := range []*proc.Command{
		{Payload: []byte("busy"), Daemon: true},
		{Payload: []byte("orphan")},
	} {
		c.Files = []*os.File{self.Files[i], self.Files[2]}
		if _, err := proc.Start(context.Background(), c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
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

func waitForParent(self *proc.Self, _ []byte) int {
	self.Files[1].WriteString("x")
	<-self.ParentGone()
	fmt.Fprint(self.Files[0], self.ParentPid())
	return 0
}

func TestParentKilled(t *testing.T) {
	t.Setenv("GOMAXPROCS", "1")
	daemonR, daemonW := pipe(t)
	orphanR, orphanW := pipe(t)
	readyR, readyW := pipe(t)
	parent := start(t, &proc.Command{Payload: []byte("family"), Files: []*os.File{daemonW, orphanW, readyW}})
	for _, f := range []*os.File{daemonW, orphanW, readyW} {
		f.Close()
	}
	readyR.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(readyR, make([]byte, 2)); err != nil {
		t.Fatalf("two children should be ready: %v", err)
	}

	parent.Kill()
	killed := time.Now()
	if code := join(t, parent); code != -9 {
		t.Errorf("exit code %d, want -9", code)
	}
	// Only they have these pipes now: the end of the file is theirs.
	daemonR.SetReadDeadline(killed.Add(time.Second))
	if b, err := io.ReadAll(daemonR); len(b) > 0 || err != nil {
		t.Errorf("daemon, a second after its parent: %q, %v", b, err)
	}
	orphanR.SetReadDeadline(killed.Add(patience))
	if b, err := io.ReadAll(orphanR); string(b) != fmt.Sprint(parent.Pid()) || err != nil {
		t.Errorf("orphan: %q, %v, want the parent's pid %d", b, err, parent.Pid())
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

func TestGrandchildHoldsThePipe(t *testing.T) {
	r, w := pipe(t)
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

// A grandchild that never stops writing must not keep Join from its end.
func TestGrandchildFloods(t *testing.T) {
	r, w := pipe(t)
	p := start(t, &proc.Command{
		Payload: []byte("leave cat /dev/zero & read x; kill $!"),
		Files:   []*os.File{r},
		Stdout:  io.Discard,
	})
	r.Close()
	if code := join(t, p); code != 0 {
		t.Errorf("exit code %d", code)
	}
	w.Close() // ends the flood
}
