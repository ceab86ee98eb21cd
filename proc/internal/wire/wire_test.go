package wire

import (
	"bytes"
	"errors"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var nonce = strings.Repeat("n", NonceSize)

func TestHello(t *testing.T) {
	b := AppendHello(nil, nonce)
	if len(b) != HelloSize {
		t.Errorf("%d bytes, want %d", len(b), HelloSize)
	}
	if got, err := ReadHello(iotest.OneByteReader(bytes.NewReader(b))); got != nonce || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestJob(t *testing.T) {
	for _, want := range []Job{
		{},
		{Daemon: true, Parent: 1, Onto: 4, Files: 2, Payload: 3, Room: 3 * MaxRoom},
		{OwnGroup: true},
		{Threads: true},
		{Parent: math.MaxInt32, Onto: MaxOnto, Files: MaxFiles, Payload: MaxPayload},
	} {
		b, err := AppendJob(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		// The frame ends where the next one begins.
		r := bytes.NewReader(append(b, "next"...))
		if got, err := ReadOrder(r); got != (Order{Kind: KindJob, Job: want}) || err != nil || r.Len() != 4 {
			t.Errorf("got %+v, %v, %d bytes left, want %+v", got, err, r.Len(), want)
		}
	}
}

func TestJobBeyondTheLimits(t *testing.T) {
	for _, j := range []Job{
		{Parent: -1},
		{Onto: -1},
		{Onto: MaxOnto + 1},
		{Files: -1},
		{Files: MaxFiles + 1},
		{Payload: MaxPayload + 1},
		{Payload: math.MaxUint64},
		{Payload: 1, Room: MaxRoom + 1},
	} {
		if b, err := AppendJob(nil, j); len(b) > 0 || !errors.Is(err, ErrBad) {
			t.Errorf("%+v: appended %x, %v", j, b, err)
		}
	}
}

func TestFiles(t *testing.T) {
	for _, want := range []int{1, 2, MaxFilesPerFrame} {
		if got, err := ReadFiles(bytes.NewReader(AppendFiles(nil, want))); got != want || err != nil {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
}

func TestDamaged(t *testing.T) {
	hello := func(r io.Reader) error { _, err := ReadHello(r); return err }
	order := func(r io.Reader) error { _, err := ReadOrder(r); return err }
	onto := func(r io.Reader) error { _, err := ReadOnto(r); return err }
	files := func(r io.Reader) error { _, err := ReadFiles(r); return err }
	for _, tt := range []struct {
		name string
		read func(io.Reader) error
		in   string
		want error
	}{
		{"no hello", hello, "", io.EOF},
		{"half a head", hello, "H", io.ErrUnexpectedEOF},
		{"no body", hello, "H\x21", io.ErrUnexpectedEOF},
		{"half a hello", hello, "H\x21\x01nnnn", io.ErrUnexpectedEOF},
		{"version", hello, "H\x21\x01" + nonce, ErrBad},
		{"length", hello, "H\x20\x01" + nonce, ErrBad},
		{"kind", hello, "h\x21\x01" + nonce, ErrBad},
		{"no order", order, "", io.EOF},
		{"a strange order", order, "X\x00", ErrBad},
		{"a wait with a body", order, "W\x01x", ErrBad},
		{"half a note", order, "N\x04\x00", io.ErrUnexpectedEOF},
		{"note", order, "N\x04\x01\x00\x00\x01", ErrBad},
		{"flags", order, "J\x1d\x10" + strings.Repeat("\x00", 28), ErrBad},
		{"parent", order, "J\x1d\x00\x80\x00\x00\x00" + strings.Repeat("\x00", 24), ErrBad},
		{"onto", order, "J\x1d" + strings.Repeat("\x00", 5) + "\xff\xff\xff\xff" + strings.Repeat("\x00", 20), ErrBad},
		{"files", order, "J\x1d" + strings.Repeat("\x00", 9) + "\xff\xff\xff\xff" + strings.Repeat("\x00", 16), ErrBad},
		{"payload", order, "J\x1d" + strings.Repeat("\x00", 13) + "\x10" + strings.Repeat("\x00", 15), ErrBad},
		{"room", order, "J\x1d" + strings.Repeat("\x00", 20) + "\x01" + strings.Repeat("\x00", 7) + "\x81", ErrBad},
		{"half a job", order, "J\x1d\x00\x00", io.ErrUnexpectedEOF},
		{"a large number", onto, "O\x04\x00\x10\x00\x00", ErrBad},
		{"no files", files, "F\x01\x00", ErrBad},
		{"too many files", files, "F\x01\xfe", ErrBad},
	} {
		if err := tt.read(strings.NewReader(tt.in)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestPayload(t *testing.T) {
	for _, size := range []int{0, 1, firstPayload - 1, firstPayload, firstPayload + 1, 5*firstPayload + 7} {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(i * 7)
		}
		r := bytes.NewReader(append(want, "next"...))
		if got, err := ReadPayload(r, uint64(size), nil); !bytes.Equal(got, want) || err != nil || r.Len() != 4 {
			t.Errorf("%d bytes: got %d, %v, %d bytes left", size, len(got), err, r.Len())
		}
		if size == 0 {
			continue
		}
		if _, err := ReadPayload(bytes.NewReader(want[1:]), uint64(size), nil); err != io.ErrUnexpectedEOF {
			t.Errorf("%d bytes and one is missing: %v", size, err)
		}
	}
}

// A length that is a lie must not be believed with memory.
func TestPayloadLies(t *testing.T) {
	for _, tt := range []struct {
		size uint64
		want error
	}{
		{MaxPayload, io.ErrUnexpectedEOF},
		{1 << 60, ErrBad},
		{math.MaxUint64, ErrBad},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadPayload(strings.NewReader("not that much"), tt.size, nil)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, tt.want) {
			t.Errorf("%d bytes: %v, want %v", tt.size, err, tt.want)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 2*firstPayload {
			t.Errorf("%d bytes: took %d bytes of memory", tt.size, took)
		}
	}
}

func TestMistakesPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"nonce":          func() { AppendHello(nil, "short") },
		"note":           func() { AppendNote(nil, MaxNote+1) },
		"number":         func() { AppendOnto(nil, MaxOnto) },
		"no files":       func() { AppendFiles(nil, 0) },
		"too many files": func() { AppendFiles(nil, MaxFilesPerFrame+1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestWaiting(t *testing.T) {
	said := append(AppendNote(AppendWait(nil, true, true), 3), "abc"...)
	r := bytes.NewReader(AppendOnto(slices.Concat(said, Wake, Go), 7))
	if got, err := ReadOrder(r); got != (Order{Kind: KindWait, Single: true, Standing: true}) || err != nil {
		t.Errorf("got %+v, %v, want to wait", got, err)
	}
	if got, err := ReadOrder(r); got != (Order{Kind: KindNote, Size: 3}) || err != nil {
		t.Errorf("got %+v, %v, want a note", got, err)
	}
	if got, err := ReadPayload(r, 3, nil); string(got) != "abc" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := ReadOrder(r); got != (Order{Kind: KindWake}) || err != nil {
		t.Errorf("got %+v, %v, want to be woken", got, err)
	}
	if err := ReadGo(r); err != nil {
		t.Error(err)
	}
	if got, err := ReadOnto(r); got != 7 || err != nil {
		t.Errorf("got %d, %v, want 7", got, err)
	}
	for _, bad := range [][]byte{{'W', 1, 4}, {'W', 0}, {'R', 1, 0}, {'G', 0}} {
		if got, err := ReadOrder(bytes.NewReader(bad)); !errors.Is(err, ErrBad) {
			t.Errorf("%q: got %+v, %v, want an error", bad, got, err)
		}
	}
	if err := ReadGo(bytes.NewReader([]byte{'R', 0})); !errors.Is(err, ErrBad) {
		t.Errorf("got %v, want an error", err)
	}
}

// FuzzChannel reads a whole conversation, as a child does. What is accepted
// must be what the writing side writes.
func FuzzChannel(f *testing.F) {
	hello := AppendHello(nil, nonce)
	for _, j := range []Job{{}, {Daemon: true, OwnGroup: true, Parent: 7, Payload: 5, Room: 9}, {Onto: 2, Files: 300, Payload: 1}, {Files: 1, Standing: true}} {
		for _, before := range [][]byte{nil, append(append(AppendNote(AppendWait(nil, true, false), 2), "ab"...), Wake...)} {
			b, err := AppendJob(append(bytes.Clone(hello), before...), j)
			if err != nil {
				f.Fatal(err)
			}
			for i := range j.Onto {
				b = AppendOnto(b, i)
			}
			for left := j.Files; left > 0; left -= min(left, MaxFilesPerFrame) {
				b = AppendFiles(b, min(left, MaxFilesPerFrame))
			}
			f.Add(append(b, "12345G\x00"...))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bytes.NewReader(in)
		said, err := ReadHello(r)
		if err != nil {
			return
		}
		again := AppendHello(nil, said)
		payload := func(size uint64) bool {
			p, err := ReadPayload(r, size, nil)
			if cap(p) > firstPayload && cap(p) > payloadGrowth*len(in) {
				t.Fatalf("%d bytes of memory for %d", cap(p), len(in))
			}
			again = append(again, p...)
			return err == nil
		}
		var job Job
		waits := false
		for more := true; more; {
			o, err := ReadOrder(r)
			if err != nil {
				return
			}
			switch o.Kind {
			case KindWait:
				again, waits = AppendWait(again, o.Single, o.Standing), true
			case KindNote:
				again = AppendNote(again, o.Size)
				if !payload(uint64(o.Size)) {
					return
				}
			case KindWake:
				again = append(again, Wake...)
			case KindJob:
				job, more = o.Job, false
			}
		}
		if again, err = AppendJob(again, job); err != nil {
			t.Fatalf("%+v was read and can't be written: %v", job, err)
		}
		for range job.Onto {
			n, err := ReadOnto(r)
			if err != nil {
				return
			}
			again = AppendOnto(again, n)
		}
		for got := 0; got < job.Files; {
			n, err := ReadFiles(r)
			if err != nil {
				return
			}
			got += n
			again = AppendFiles(again, n)
		}
		if !payload(job.Payload) {
			return
		}
		if waits {
			if ReadGo(r) != nil {
				return
			}
			again = append(again, Go...)
		}
		if !bytes.HasPrefix(in, again) || len(in)-len(again) != r.Len() {
			t.Fatalf("read %x as %x", in, again)
		}
	})
}
