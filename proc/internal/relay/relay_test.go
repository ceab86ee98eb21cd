package relay

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"luaspawn/proc/internal/fds"
	"luaspawn/proc/internal/session"
)

func TestFrames(t *testing.T) {
	r, w := io.Pipe()
	q := NewWriter(w, 0)
	sent := []Frame{{Kind: Packet, ID: session.NewID(), Data: []byte("one")}, {Kind: Beat}, {Kind: Message, ID: session.ID{1}, Data: make([]byte, 3<<20)}}
	for _, f := range sent {
		q.Put(f)
	}
	in := bufio.NewReader(r)
	for i, f := range sent {
		got, err := Read(in)
		if err != nil || got.Kind != f.Kind || got.ID != f.ID || !bytes.Equal(got.Data, f.Data) {
			t.Errorf("frame %d: %v, %d bytes, %v", i, got.Kind, len(got.Data), err)
		}
	}
	q.Close(time.Minute)
	if _, err := Read(in); err != io.EOF {
		t.Errorf("%v, want %v", err, io.EOF)
	}
}

// A long message comes in parts, and others between them.
func TestLong(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	q := NewWriter(w, 0)
	message := make([]byte, 1<<20)
	for i := range message {
		message[i] = byte(i >> 8)
	}
	short := message[:1<<19]
	var spool bytes.Buffer
	in := Messages{In: NewReader(r), Spool: func([]byte) io.Writer { return &spool }}
	for _, m := range [][]byte{short, message} {
		q.Put(BeginLong(len(m)))
		for at := 0; at < len(m); at += 1 << 18 {
			q.Put(Frame{Kind: Part, Data: m[at : at+1<<18]})
			q.Put(Frame{Kind: Beat})
		}
	}
	for _, want := range []Frame{{Kind: Beat}, {Kind: Message, Data: short}, {Kind: Beat}, {Kind: Beat}, {Kind: Beat}, {Kind: Beat}, {Kind: Message, Data: message}, {Kind: Beat}} {
		got, err := in.Read()
		if got.Spool != nil {
			got.Data = spool.Bytes()
		}
		if err != nil || got.Kind != want.Kind || (got.Spool != nil) != (len(want.Data) == len(message)) || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%c of %d bytes, %v, want %c of %d", got.Kind, len(got.Data), err, want.Kind, len(want.Data))
		}
	}
	q.Close(time.Minute)
	if _, err := in.Read(); err != io.EOF {
		t.Errorf("%v, want %v", err, io.EOF)
	}
}

// full is a place for so many bytes.
type full int

var errFull = errors.New("no room")

func (f *full) Write(b []byte) (int, error) {
	if *f -= full(len(b)); *f < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// Where there is no room for a long message it is lost, and what comes after it isn't.
func TestLost(t *testing.T) {
	message := make([]byte, 1<<20)
	message[0] = 'm'
	var b []byte
	for range 2 {
		b = BeginLong(len(message)).Append(b)
		for at := 0; at < len(message); at += 1 << 18 {
			b = Frame{Kind: Part, Data: message[at : at+1<<18]}.Append(b)
		}
	}
	b = Frame{Kind: Message, Data: []byte("short")}.Append(b)
	room := full(1<<20 + 1<<19)
	in := Messages{In: NewReader(bytes.NewReader(b)), Spool: func([]byte) io.Writer { return &room }}
	for i, want := range []error{nil, errFull, nil} {
		f, err := in.Read()
		if err != nil || f.Kind != Message || !errors.Is(f.Lost, want) || want == nil && f.Lost != nil || len(f.Data) == 0 {
			t.Errorf("%d: %c, %d bytes, %v, %v; want %v", i, f.Kind, len(f.Data), f.Lost, err, want)
		}
	}
}

// Parts that belong to nothing are an error, and no message.
func TestParts(t *testing.T) {
	part := func(s string) []byte { return Frame{Kind: Part, Data: []byte(s)}.Append(nil) }
	for name, b := range map[string][]byte{
		"an empty part of nothing":      part(""),
		"a part of nothing":             part("x"),
		"a part of what is over":        slices.Concat(BeginLong(1).Append(nil), part("x"), part("")),
		"an empty part":                 slices.Concat(BeginLong(1).Append(nil), part("")),
		"more than there is":            slices.Concat(BeginLong(1).Append(nil), part("xy")),
		"a long message in another one": slices.Concat(BeginLong(1).Append(nil), BeginLong(1).Append(nil)),
		"a long message without length": Frame{Kind: Long}.Append(nil),
		"a long message of no bytes":    BeginLong(0).Append(nil),
	} {
		in := Messages{In: NewReader(bytes.NewReader(b))}
		f, err := in.Read()
		for err == nil && f.Kind == Message {
			f, err = in.Read()
		}
		if !errors.Is(err, ErrFrame) {
			t.Errorf("%s: a frame of kind %d, %v, want %v", name, f.Kind, err, ErrFrame)
		}
	}
}

// A writer whose reader doesn't read drops what is too much, and waits for nobody.
func TestDrops(t *testing.T) {
	r, w := io.Pipe()
	defer r.Close()
	q := NewWriter(w, 100)
	taken := 0
	for range 100 {
		if q.Put(Frame{Kind: Packet, Data: make([]byte, 60)}) {
			taken++
		}
	}
	if taken < 1 || taken > 3 {
		t.Errorf("%d frames were taken, want one or two", taken)
	}
	r.Close()
	q.Close(time.Minute)
}

// Long packets go through slots as long as there are free ones, and the rest through the pipe, in their order.
func TestSlots(t *testing.T) {
	script, bridge := slots(t)
	r, w := io.Pipe()
	q := NewWriter(w, 0)
	packet := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, 100<<10+i) }
	q.Packet(session.ID{}, packet(0)) // nobody has said that it takes them
	q.Share(script)
	n := 0
	for n < 40 {
		n++
		if used := q.Packet(session.ID{9}, packet(n)); used == (n <= 16) {
			t.Errorf("packet %d is used: %v", n, used)
		}
	}
	q.Packet(session.ID{}, []byte("short"))
	in := NewReader(r)
	next := func(id session.ID, kind byte, want []byte) func() {
		t.Helper()
		f, err := Read(in)
		if err != nil || f.Kind != kind || f.ID != id {
			t.Fatalf("%c, %v, want %c", f.Kind, err, kind)
		}
		got, done, err := bridge.Packet(f)
		if err != nil || !bytes.Equal(got, want) || (done != nil) != (kind == Placed) {
			t.Fatalf("%d bytes, %v, want %d", len(got), err, len(want))
		}
		return done
	}
	next(session.ID{}, Packet, packet(0))
	var done []func()
	for i := 1; i <= n; i++ {
		if i <= 16 {
			done = append(done, next(session.ID{9}, Placed, packet(i)))
		} else {
			next(session.ID{9}, Packet, packet(i))
		}
	}
	next(session.ID{}, Packet, []byte("short"))
	done[5]()
	q.Packet(session.ID{}, packet(50))
	next(session.ID{}, Placed, packet(50))()
	q.Packet(session.ID{}, make([]byte, 600<<10)) // more than a slot takes
	next(session.ID{}, Packet, make([]byte, 600<<10))
	// The other way they are others.
	back := NewWriter(w, 0)
	back.Share(bridge)
	back.Packet(session.ID{}, packet(60))
	f, err := Read(in)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := script.Packet(f); err != nil || !bytes.Equal(got, packet(60)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, _, err := bridge.Packet(f); err != ErrFrame { // it is its own
		t.Errorf("%v, want %v", err, ErrFrame)
	}
	// What is dropped leaves its slot free.
	_, nowhere := io.Pipe()
	over := NewWriter(nowhere, 0)
	over.Share(script)
	over.Close(time.Minute)
	done[0]()
	for range 2 {
		over.Packet(session.ID{}, packet(70))
	}
	q.Packet(session.ID{}, packet(71))
	next(session.ID{}, Placed, packet(71))
	script.Close()
	if used := q.Packet(session.ID{}, packet(80)); !used {
		t.Error("it was put into slots that are closed")
	}
	r.Close()
	q.Close(time.Minute)
	back.Close(time.Minute)
}

// A place that is none is an error.
func TestNoPlace(t *testing.T) {
	_, bridge := slots(t)
	place := func(slot, n uint32) []byte {
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, slot), n)
	}
	for _, b := range [][]byte{nil, place(0, 1)[:7], place(16, 1), place(1<<31, 1), place(0, 512<<10+1), place(0, 1<<31)} {
		if _, _, err := bridge.Packet(Frame{Kind: Placed, Data: b}); err != ErrFrame {
			t.Errorf("%x: %v, want %v", b, err, ErrFrame)
		}
	}
	if data, done, err := bridge.Packet(Frame{Kind: Placed, Data: place(15, 512<<10)}); len(data) != 512<<10 || done == nil || err != nil {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	var none *Slots
	if _, _, err := none.Packet(Frame{Kind: Placed, Data: place(0, 1)}); err != ErrFrame {
		t.Errorf("without slots: %v, want %v", err, ErrFrame)
	}
}

// slots returns both sides of some.
func slots(t *testing.T) (script, bridge *Slots) {
	script, f, err := NewSlots()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this system has no memory that processes share by a descriptor")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd, err := fds.Duplicate(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if bridge, err = OpenSlots(fd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(script.Close)
	t.Cleanup(bridge.Close)
	return script, bridge
}

func TestFields(t *testing.T) {
	f := Fields{"host": "a b=c", "lines": "one\ntwo", "empty": ""}
	want := Fields{"host": "a b=c", "lines": "one two", "empty": ""}
	if got := ParseFields(f.Bytes()); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(Frame{Kind: Packet, ID: session.ID{1, 2}, Data: []byte("data")}.Append(nil))
	f.Add(Frame{Kind: Beat}.Append(nil))
	f.Add([]byte{0xff, 0xff, 0xff, 0x3f, 'p'})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bufio.NewReader(bytes.NewReader(b))
		for at := 0; ; {
			frame, err := Read(in)
			if err != nil {
				if err == io.EOF && at != len(b) || err != io.EOF && !errors.Is(err, ErrFrame) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("%v at %d of %d", err, at, len(b))
				}
				return
			}
			again := frame.Append(nil)
			if !bytes.Equal(again, b[at:at+len(again)]) {
				t.Errorf("%x, want %x", again, b[at:])
			}
			at += len(again)
			ParseFields(frame.Data)
		}
	})
}

func FuzzMessages(f *testing.F) {
	b := BeginLong(6).Append(nil)
	f.Add(Frame{Kind: Part, Data: []byte("sage")}.Append(Frame{Kind: Part, Data: []byte("me")}.Append(b)))
	f.Add(BeginLong(1 << 29).Append(b))
	f.Add(Frame{Kind: Part, Data: []byte("more than that")}.Append(b))
	f.Add(Frame{Kind: Part}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := Messages{In: NewReader(bytes.NewReader(b))}
		for {
			frame, err := in.Read()
			if err != nil {
				return
			}
			if frame.Kind == Long || frame.Kind == Part || len(frame.Data) > len(b) {
				t.Errorf("kind %d, %d bytes of %d", frame.Kind, len(frame.Data), len(b))
			}
		}
	})
}

func TestAddress(t *testing.T) {
	pin := strings.Repeat("1f", 32)
	for in, want := range map[string]string{
		"head":                         "[nats://head:4222] false 0",
		"nats://head":                  "[nats://head:4222] false 0",
		"tls://head:1":                 "[tls://head:1] true 0",
		"nats://a:1, b:2":              "[nats://a:1 nats://b:2] false 0",
		"nats://[::1]:7#sha256:" + pin: "[nats://[::1]:7] true 32",
	} {
		a, err := ParseAddress(in)
		if got := fmt.Sprint(a.URLs, a.TLS, len(a.Pin)); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "http://head", "nats://head#sha256:12", "nats://head#pin", "nats://:4222", "nats://a b", "nats://head:0", "nats://head:65536"} {
		if a, err := ParseAddress(in); err == nil {
			t.Errorf("%q: %v, want an error", in, a)
		}
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("nats://head:4222#sha256:" + strings.Repeat("1f", 32))
	f.Add("tls://a,b:1,nats://[::1]:2")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err == nil && (len(a.URLs) == 0 || a.Pin != nil && len(a.Pin) != 32) {
			t.Errorf("%q: %+v", s, a)
		}
	})
}
