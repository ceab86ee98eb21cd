package proc_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"luaspawn/proc"
	"luaspawn/proc/internal/wire"
)

func exitWith(_ *proc.Self, rest []byte) int {
	code, err := strconv.Atoi(string(rest))
	if err != nil {
		return 98
	}
	return code
}

func TestExitCode(t *testing.T) {
	for _, tt := range []struct {
		payload string
		want    int
	}{
		{"exit 0", 0},
		{"exit 1", 1},
		{"exit 3", 3},
		{"exit 255", 255},
		{"exit 256", 0},
		{"exit 259", 3},
		{"exit -1", 255},
		{"panic", 2},
	} {
		p := start(t, &proc.Command{Payload: []byte(tt.payload), Stderr: io.Discard})
		if got := join(t, p); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.payload, got, tt.want)
		}
	}
}

func TestZeroCommand(t *testing.T) {
	old := os.Stderr
	r, w := pipe(t)
	os.Stderr = w // this process's own is where the child complains
	defer func() { os.Stderr = old }()
	for _, c := range []*proc.Command{nil, {}} {
		if got := join(t, start(t, c)); got != 99 {
			t.Errorf("exit code %d, want that of a child with an empty payload", got)
		}
	}
	w.Close()
	if got, _ := io.ReadAll(r); string(got) != "no role \"\"\nno role \"\"\n" {
		t.Errorf("standard error: %q", got)
	}
}

// The payload begins with the head, in a child that was kept ready too.
func TestHead(t *testing.T) {
	for range 3 {
		var b bytes.Buffer
		p := start(t, &proc.Command{Head: []byte("hash "), Payload: []byte("abc"), Stdout: &b})
		if got := join(t, p); got != 0 || b.String() != fmt.Sprintf("3 %x", sha256.Sum256([]byte("abc"))) {
			t.Errorf("exit code %d, %q", got, &b)
		}
	}
	if got := join(t, start(t, &proc.Command{Head: []byte("exit 3")})); got != 3 {
		t.Errorf("without a payload: exit code %d, want 3", got)
	}
}

func printHash(self *proc.Self, rest []byte) int {
	fmt.Printf("%d %x", len(rest), sha256.Sum256(rest))
	return 0
}

func TestPayload(t *testing.T) {
	random := rand.NewChaCha8([32]byte{})
	sizes := []int{0, 1, 1<<20 - 6, 1 << 20, 4<<20 + 1}
	if !testing.Short() {
		sizes = append(sizes, 64<<20)
	}
	for _, size := range sizes {
		payload := make([]byte, 5+size)
		random.Read(payload)
		copy(payload, "hash ")
		want := fmt.Sprintf("%d %x", size, sha256.Sum256(payload[5:]))
		if got := output(t, string(payload)); got != want {
			t.Errorf("payload of %d bytes: child has %s, want %s", size, got, want)
		}
	}
}

func printSelf(self *proc.Self, _ []byte) int {
	fmt.Print(self.ParentPid(), self.Daemon, self.Payload != nil, len(self.Files), os.Args)
	select {
	case <-self.ParentGone():
		fmt.Print("gone")
	default:
	}
	return 0
}

func TestSelf(t *testing.T) {
	for _, daemon := range []bool{false, true} {
		var b bytes.Buffer
		p := start(t, &proc.Command{Payload: []byte("self"), Daemon: daemon, Stdout: &b})
		join(t, p)
		if got, want := b.String(), fmt.Sprint(os.Getpid(), daemon, true, 0, os.Args[:1]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestChildren(t *testing.T) {
	a, b, c := blocked(t), blocked(t), blocked(t)
	if got, want := proc.Children(), []*proc.Process{a, b, c}; !slices.Equal(got, want) {
		t.Errorf("children %v, want %v", got, want)
	}
	if code, ended := b.ExitCode(); code != 0 || ended {
		t.Errorf("exit code of a living child: %d, %v", code, ended)
	}
	b.Kill()
	join(t, b)
	if got, want := proc.Children(), []*proc.Process{a, c}; !slices.Equal(got, want) {
		t.Errorf("children %v, want %v", got, want)
	}
}

func TestSignalsAfterTheEnd(t *testing.T) {
	p := start(t, &proc.Command{Payload: []byte("exit 3")})
	join(t, p)
	for _, err := range []error{p.Terminate(), p.Kill(), p.Interrupt()} {
		if err != nil {
			t.Error(err)
		}
	}
	if got := join(t, p); got != 3 {
		t.Errorf("exit code %d, want 3", got)
	}
}

func TestJoinContext(t *testing.T) {
	p := blocked(t)
	ctx, cancel := context.WithCancel(t.Context())
	joined := make(chan error)
	go func() { joined <- p.Join(ctx) }()
	cancel()
	if err := <-joined; err != context.Canceled {
		t.Errorf("join: %v, want %v", err, context.Canceled)
	}
	select {
	case <-p.Done():
		t.Error("the child has ended because a join did")
	default:
	}
	p.Kill()
	join(t, p)
	if err := p.Join(ctx); err != nil {
		t.Errorf("join of an ended child with a dead context: %v", err)
	}
}

func TestStartContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, err := proc.Start(ctx, &proc.Command{})
	if p != nil || !ourError(err, context.Canceled) {
		t.Errorf("start: %v, %v", p, err)
	}
}

func TestContextEndsAfterStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out signalled
	p, err := proc.Start(ctx, &proc.Command{Payload: []byte("block"), Stdout: out.init()})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	out.await(t, "ready\n") // it got here although the context had ended
	p.Kill()
	join(t, p)
}

func TestBadFiles(t *testing.T) {
	_, closed := pipe(t)
	closed.Close()
	many := make([]*os.File, wire.MaxFiles+1)
	for i := range many {
		many[i] = os.Stdout
	}
	for _, tt := range []struct {
		name  string
		files []*os.File
		is    error
	}{
		{"nil", []*os.File{os.Stdout, nil}, os.ErrInvalid},
		{"closed", []*os.File{os.Stdout, closed}, os.ErrClosed},
		{"too many", many, wire.ErrBad},
	} {
		p, err := proc.Start(t.Context(), &proc.Command{Files: tt.files})
		if p != nil || !ourError(err, tt.is) {
			t.Errorf("%s: start: %v, %v", tt.name, p, err)
		}
	}
}

// outside runs the test binary in one of its modes, as no child of ours.
func outside(t *testing.T, is string, env ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(append(os.Environ(), mode+"="+is), env...)
	return cmd
}

func TestNoInit(t *testing.T) {
	got, err := outside(t, "no init").CombinedOutput()
	if want := "true proc: Init was not called: call it first in main"; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

// A stray variable makes nobody a child, and doesn't stay.
func TestCookieAlone(t *testing.T) {
	for _, nonce := range []string{"", "1", strings.Repeat("0", wire.NonceSize)} {
		got, err := outside(t, "report", "LUASPAWN_CHILD="+nonce).CombinedOutput()
		if want := `ordinary, cookie false, input "", <nil>`; err != nil || string(got) != want {
			t.Errorf("nonce %q: got %s, %v, want %s", nonce, got, err, want)
		}
	}
}

func printStdin(*proc.Self, []byte) int {
	b, err := io.ReadAll(os.Stdin)
	fmt.Printf("%q %v", b, err)
	return 0
}

func TestStdinIsEmpty(t *testing.T) {
	if got, want := output(t, "stdin "), `"" <nil>`; got != want {
		t.Errorf("the child reads %s, want %s", got, want)
	}
}

var errTest = errors.New("for the test")
