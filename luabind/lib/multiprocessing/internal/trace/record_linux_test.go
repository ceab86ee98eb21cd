package trace

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func record(t testing.TB) (*Recording, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run")
	r, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, path
}

// What was recorded is read as it was, by whichever process, without any Close.
func TestRead(t *testing.T) {
	r, path := record(t)
	fd, err := unix.Dup(int(r.File().Fd()))
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(os.NewFile(uintptr(fd), "recording"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	long := strings.Repeat("long ", 100)
	want := []Event{
		{Kind: Begin, Aux: FlagMain, A: 1, Time: 10, Text: "main"},
		{Kind: Wait, Aux: ForLock, A: 7, Time: 20, Object: 1<<63 + 5, Text: "a Lock", File: "main.lua", Line: 12},
		{Kind: Resume, Time: 30, File: long, Line: 13},
		{Kind: Put, Time: 40, A: 1<<32 - 1, Object: 9},
	}
	for _, e := range want {
		r.Add(e)
	}
	const many = 20000
	for i := range many {
		other.Add(Event{Kind: Get, A: uint32(i), Time: int64(i + 1), File: "worker.lua", Line: i})
	}
	run, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Processes) != 2 || run.Full {
		t.Fatalf("got %d processes, full: %v", len(run.Processes), run.Full)
	}
	if got := run.Processes[0]; !slices.Equal(got.Events, want) || got.Pid != os.Getpid() {
		t.Errorf("got %v of %d, want %v", got.Events, got.Pid, want)
	}
	got := run.Processes[1].Events
	if len(got) != many {
		t.Fatalf("got %d events, want %d", len(got), many)
	}
	for i, e := range got {
		if want := (Event{Kind: Get, A: uint32(i), Time: int64(i + 1), File: "worker.lua", Line: i}); e != want {
			t.Fatalf("got %v, want %v", e, want)
		}
	}
}

func TestNothing(t *testing.T) {
	var r *Recording
	r.Add(Event{Kind: Begin})
	if r.Now() != 0 || r.File() != nil || r.Close() != nil {
		t.Error("a nil Recording does something")
	}
}

// Where there is no room for more, what was recorded stays and nothing fails. The signal that
// would come at the limit of a file's size doesn't.
func TestFull(t *testing.T) {
	r, path := record(t)
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 5 * unit, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_FSIZE, &before)
	for i := range 10000 {
		r.Add(Event{Kind: Put, A: uint32(i), Time: int64(i + 1)})
	}
	run, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(run.Processes[0].Events); !run.Full || got != 4*(unit/cellSize-1) {
		t.Errorf("got %d events, full: %v", got, run.Full)
	}
}

// Somebody empties the file while it is recorded: the picture is lost, and nothing else.
func TestTruncated(t *testing.T) {
	for _, left := range []int64{0, unit} { // not even the header, and no piece
		r, path := record(t)
		r.Add(Event{Kind: Put, Time: 1})
		if err := os.Truncate(path, left); err != nil {
			t.Fatal(err)
		}
		for i := range 5000 {
			r.Add(Event{Kind: Put, Time: int64(i + 2)})
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	r, path := record(t)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	other, err := open(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if err := other.look(func() error { other.join(); return nil }); err != ErrBad {
		t.Errorf("got %v, want %v", err, ErrBad)
	}
	r.Close()
}

func TestCreateErrors(t *testing.T) {
	for path, want := range map[string]error{
		filepath.Join(t.TempDir(), "none", "run"): os.ErrNotExist,
		"/dev/full": syscall.ENODEV,
	} {
		if _, err := Create(path); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
	}
	if info, err := os.Stat("/dev/full"); err != nil || info.Mode().IsRegular() {
		t.Errorf("the device is gone: %v, %v", info, err)
	}
}

func BenchmarkAdd(b *testing.B) {
	r, _ := record(b)
	for b.Loop() {
		r.Add(Event{Kind: Put, A: 5, Object: 77, File: "main.lua", Line: 12})
	}
}
