//go:build darwin || dragonfly || freebsd || netbsd || openbsd || (linux && portable)

package ends_test

import (
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"luaspawn/proc/internal/ends"
)

// begun starts a process that ends when its input does.
func begun(t *testing.T) (cmd *exec.Cmd, in io.Closer) {
	t.Helper()
	cmd = exec.Command("/bin/cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return cmd, in
}

// watch watches a process that must be there.
func watch(t *testing.T, pid int) (w *ends.Watch, told chan struct{}) {
	t.Helper()
	told = make(chan struct{})
	w, alive, err := ends.Begin(pid, func() { close(told) })
	if !alive || err != nil {
		t.Fatalf("process %d: %v, %v", pid, alive, err)
	}
	return w, told
}

func await(t *testing.T, told <-chan struct{}) {
	t.Helper()
	select {
	case <-told:
	case <-time.After(time.Minute):
		t.Fatal("nobody told of the end")
	}
}

// All are told who watch a process, but not those who have ended that, and none before.
func TestEnd(t *testing.T) {
	lives, _ := begun(t)
	alive, toldOfLiving := watch(t, lives.Process.Pid)
	for range 3 { // from the second on the thread goes, and comes again
		cmd, in := begun(t)
		_, one := watch(t, cmd.Process.Pid)
		ended, two := watch(t, cmd.Process.Pid)
		_, three := watch(t, cmd.Process.Pid)
		ended.End()
		ended.End()
		select {
		case <-one:
			t.Fatal("told of the end of a process that lives")
		default:
		}
		in.Close()
		await(t, one)
		await(t, three)
		select {
		case <-two:
			t.Error("told whoever has ended to watch")
		default:
		}
		late := make(chan struct{})
		_, zombie, err := ends.Begin(cmd.Process.Pid, func() { close(late) })
		if err != nil {
			t.Error(err)
		}
		if zombie { // some systems say so of one that nobody has waited for
			await(t, late)
		}
		cmd.Wait()
		if _, found, err := ends.Begin(cmd.Process.Pid, func() {}); found || err != nil {
			t.Errorf("of a process that there was: %v, %v", found, err)
		}
		if alive != nil {
			alive.End()
			alive = nil
		}
	}
	select {
	case <-toldOfLiving:
		t.Error("told of the end of a process that lives")
	default:
	}
}

// Each of many ends is told, whoever else begins and ends to watch meanwhile.
func TestManyEnds(t *testing.T) {
	n := 200
	if testing.Short() {
		n = 40
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range n / 4 {
				cmd := exec.Command("/bin/sh", "-c", ":")
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				told := make(chan struct{})
				_, alive, err := ends.Begin(cmd.Process.Pid, func() { close(told) })
				if err != nil {
					t.Error(err)
				}
				if other, _, _ := ends.Begin(cmd.Process.Pid, func() {}); other != nil {
					other.End()
				}
				if alive { // else it is over
					select {
					case <-told:
					case <-time.After(time.Minute):
						t.Error("nobody told of the end")
					}
				}
				cmd.Wait()
			}
		})
	}
	group.Wait()
}

// The thread goes when nobody waits any more.
func TestNobodyWaits(t *testing.T) {
	cmd, _ := begun(t)
	tick := time.NewTicker(time.Millisecond) // a goroutine doesn't say when it is gone
	defer tick.Stop()
	for range 10 {
		w, _ := watch(t, cmd.Process.Pid)
		w.End()
		over := time.After(time.Minute)
		for stacks := make([]byte, 1<<20); strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "ends.await("); {
			select {
			case <-tick.C:
			case <-over:
				t.Fatal("it waits for nobody")
			}
		}
	}
}
