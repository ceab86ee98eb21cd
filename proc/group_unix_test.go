//go:build unix

package proc_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"

	"luaspawn/proc"
)

// A child that is to have a process group of its own is in it when it is started,
// whether it was kept ready or not; any other one is in ours. One that waits is
// spared too.
func TestOwnGroup(t *testing.T) {
	run := func(t *testing.T, how, want string) {
		var b bytes.Buffer
		looked, look := pipe(t) // until it is closed the child doesn't go on
		p := start(t, &proc.Command{Payload: []byte("group " + how), OwnGroup: true, Files: []*os.File{looked}, Stdout: &b})
		looked.Close()
		if group, err := syscall.Getpgid(p.Pid()); group != p.Pid() || err != nil {
			t.Errorf("the child's group is %d, %v; its pid is %d", group, err, p.Pid())
		}
		look.Close()
		if code := join(t, p); code != 0 || b.String() != want {
			t.Errorf("exit code %d, got\n%swant\n%s", code, &b, want)
		}
	}
	t.Run("cold", func(t *testing.T) {
		run(t, "cold", "own group: 0 \"x\"\nours: -2 \"\"\nown group: 0 \"x\"\nours: -2 \"\"\n")
	})
	t.Run("ready", func(t *testing.T) {
		skipUnlessReady(t)
		run(t, "ready", "own group: 0 \"x\" spared\nours: -2 \"\" spared\nown group: 0 \"x\" spared\nours: -2 \"\" spared\n")
	})
}

// interruptGroup sends SIGINT to its whole process group when it has just started
// a child, and says what became of that.
func interruptGroup(self *proc.Self, how []byte) int {
	io.Copy(io.Discard, self.Files[0]) // until our group was looked at
	self.Files[0].Close()
	if syscall.Getpgrp() != os.Getpid() {
		fmt.Println("the group is somebody else's") // who shall not be interrupted
		return 1
	}
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	ready := string(how) == "ready"
	if !ready {
		proc.KeepReady(0)
	}
	for i := 0; ready && i < 3; i++ { // a child keeps some from its third start on
		if p, err := proc.Start(context.Background(), &proc.Command{Payload: []byte("exit 0")}); err == nil {
			p.Join(context.Background())
		}
	}
	for i := range 4 {
		ours, waiting := i%2 == 1, 0
		if ready && !until(func() bool {
			pids := slices.DeleteFunc(proc.Ready(), func(pid int) bool { return !proc.IsWaiting(pid) })
			if len(pids) > 0 {
				waiting = pids[0]
			}
			return waiting != 0
		}) {
			fmt.Println("no child is kept ready")
			return 1
		}
		syscall.Kill(0, syscall.SIGINT)
		r, w, err := os.Pipe()
		if err != nil {
			fmt.Println(err)
			return 1
		}
		var b bytes.Buffer
		p, err := proc.Start(context.Background(), &proc.Command{
			Payload: []byte("cat"), Files: []*os.File{r}, OwnGroup: !ours, Stdout: &b,
		})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		syscall.Kill(0, syscall.SIGINT)
		if ours {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			p.Join(ctx) // it reads until it is interrupted
			cancel()
		}
		w.WriteString("x")
		w.Close()
		r.Close()
		p.Join(context.Background())
		code, _ := p.ExitCode()
		line := fmt.Sprintf("%d %q", code, &b)
		if p.Pid() == waiting {
			line += " spared"
		}
		if ours {
			fmt.Println("ours:", line)
		} else {
			fmt.Println("own group:", line)
		}
	}
	return 0
}
