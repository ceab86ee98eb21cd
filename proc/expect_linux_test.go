//go:build !portable

package proc_test

import (
	"bytes"
	"os"
	"slices"
	"syscall"
	"testing"

	"luaspawn/proc"
)

// Children that are expected are there before Start is called, and take the next jobs.
func TestExpect(t *testing.T) {
	skipUnlessReady(t)
	proc.Drain()
	proc.Expect(2)
	want := proc.Ready()
	if len(want) != 2 {
		t.Fatalf("%d are there, 2 were expected", len(want))
	}
	var other bytes.Buffer
	p := start(t, &proc.Command{Payload: []byte("print elsewhere"), Stdout: &other, Lasting: true})
	if slices.Contains(want, p.Pid()) {
		t.Error("one with another output has taken a child that was expected")
	}
	join(t, p)
	var got []int
	for range 2 {
		p := start(t, &proc.Command{Payload: []byte("exit 3"), Lasting: true})
		got = append(got, p.Pid())
		if code := join(t, p); code != 3 {
			t.Errorf("exit code %d", code)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || other.String() != "elsewhere" {
		t.Errorf("processes %v were started, %v were there; the other has said %q", got, want, &other)
	}
	if left := proc.Ready(); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	p = start(t, &proc.Command{Payload: []byte("exit 0"), Lasting: true})
	if join(t, p); slices.Contains(want, p.Pid()) {
		t.Error("a child has taken two jobs")
	}
}

// What has changed since, they don't have: others are started.
func TestExpectOfChange(t *testing.T) {
	skipUnlessReady(t)
	for name, change := range map[string]func() (undo func()){
		"environment": func() func() {
			os.Setenv("LUASPAWN_EXPECTED", "1")
			return func() { os.Unsetenv("LUASPAWN_EXPECTED") }
		},
		"umask": func() func() {
			old := syscall.Umask(0)
			syscall.Umask(old ^ 0o070) // another one, whatever it was
			return func() { syscall.Umask(old) }
		},
		"death": func() func() {
			for _, pid := range proc.Ready() {
				syscall.Kill(pid, syscall.SIGKILL)
			}
			until(func() bool { return len(proc.Ready()) == 0 })
			return func() {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			proc.Drain()
			proc.Expect(2)
			before := proc.Ready()
			defer change()()
			p := start(t, &proc.Command{Payload: []byte("exit 4"), Lasting: true})
			if slices.Contains(before, p.Pid()) {
				t.Error("it was started before the change")
			}
			if code := join(t, p); code != 4 {
				t.Errorf("exit code %d", code)
			}
		})
	}
	proc.Expect(1)
	if n := proc.Drain(); n < 1 || len(proc.Ready()) > 0 {
		t.Errorf("%d were ended, %v are left", n, proc.Ready())
	}
}
