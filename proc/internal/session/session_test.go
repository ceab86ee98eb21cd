package session

import (
	"bytes"
	"crypto/ecdh"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what has to happen.
const patience = 60 * time.Second

// A wire carries packets one way, by a goroutine of its own, and does to them what fate says.
type wire struct {
	mu      sync.Mutex
	cond    sync.Cond
	packets [][]byte
	closed  bool
	done    chan struct{}
	fate    func(packet []byte) [][]byte // what arrives of one; nil: it does
}

func newWire(take func([]byte)) *wire {
	w := &wire{done: make(chan struct{})}
	w.cond.L = &w.mu
	go func() {
		defer close(w.done)
		for {
			w.mu.Lock()
			for len(w.packets) == 0 && !w.closed {
				w.cond.Wait()
			}
			if w.closed {
				w.mu.Unlock()
				return
			}
			p := w.packets[0]
			w.packets = w.packets[1:]
			w.mu.Unlock()
			take(p)
		}
	}()
	return w
}

func (w *wire) put(packet []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := bytes.Clone(packet)
	if cap(packet) == packetMemory { // so that it is noticed if somebody still looks at it
		for i := range packet {
			packet[i] ^= 0xff
		}
	}
	Recycle(packet)
	list := [][]byte{p}
	if w.fate != nil {
		list = w.fate(p)
	}
	for _, p := range list {
		w.packets = append(w.packets, bytes.Clone(p)) // it is the receiver's
	}
	w.cond.Signal()
}

func (w *wire) close() {
	w.mu.Lock()
	w.closed = true
	w.cond.Signal()
	w.mu.Unlock()
	<-w.done
}

// A side is what a test sees of one.
type side struct {
	messages chan []byte
	closed   chan error
}

func newSide() side { return side{make(chan []byte, 1<<16), make(chan error, 1)} }

func (s side) config() Config {
	return Config{Deliver: func(m []byte) { s.messages <- m }, Closed: func(why error) { s.closed <- why }}
}

// inParts is config for who puts long messages together itself, every other part of them where it says.
func (s side) inParts(t testing.TB) Config {
	cfg := s.config()
	var message, place []byte
	left, n := 0, 0
	cfg.Into = func(size int) []byte {
		n++
		place = nil
		if left > 0 && n%2 == 0 {
			place = make([]byte, size)
		}
		return place
	}
	cfg.Part = func(total int, part []byte) {
		if place != nil && &part[0] != &place[0] {
			t.Error("a part isn't where it belongs")
		}
		place = nil
		if total > 0 == (left > 0) || len(part) > max(left, total) {
			t.Errorf("a part of %d bytes, total %d, and %d are to come", len(part), total, left)
		}
		left += total - len(part)
		if message = append(message, part...); left == 0 {
			s.messages <- message
			message = nil
		}
	}
	return cfg
}

// A line is a script and a worker.
type line struct {
	script, worker       side
	conn                 *Conn
	listener             *Listener
	accepted             chan *Conn
	toWorker, toScript   *wire
	scriptKey            *ScriptKey
	workerKey            *WorkerKey
	fateThere, fateHence func([]byte) [][]byte
	parts                bool // the worker takes those of long messages
	lent                 bool // the script's packets are, and it makes every other long one in memory that is used again
}

func newLine(t testing.TB, lease time.Duration, change func(*line)) *line {
	l := &line{script: newSide(), worker: newSide(), accepted: make(chan *Conn, 10)}
	l.scriptKey, l.workerKey = NewKeys()
	if change != nil {
		change(l)
	}
	l.listener = &Listener{
		Key:  l.workerKey,
		Info: func() []byte { return []byte("a worker") },
		Accept: func(c *Conn, _ ID) Config {
			l.accepted <- c
			if l.parts {
				return l.worker.inParts(t)
			}
			return l.worker.config()
		},
	}
	ready := make(chan struct{})
	l.toWorker = newWire(l.listener.Packet)
	l.toScript = newWire(func(p []byte) {
		<-ready
		if l.lent {
			l.conn.Borrow(p)
			clear(p)
		} else {
			l.conn.Packet(p)
		}
	})
	l.toWorker.fate, l.toScript.fate = l.fateThere, l.fateHence
	l.listener.Out = func(_ ID, p []byte) { l.toScript.put(p) }
	cfg := l.script.config()
	cfg.Out = l.toWorker.put
	if l.lent {
		var memory [packetMemory]byte
		long := 0
		cfg.OutInto = func(n int, write func([]byte) []byte) bool {
			if long++; long%2 == 0 {
				return false
			}
			packet := write(memory[:n])
			l.toWorker.put(bytes.Clone(packet))
			clear(packet)
			return true
		}
	}
	l.conn = Dial(l.scriptKey, NewID(), lease, cfg)
	close(ready)
	t.Cleanup(func() {
		l.conn.Close()
		for _, c := range l.listener.Sessions() {
			c.Close()
		}
		l.toWorker.close()
		l.toScript.close()
	})
	return l
}

func await[T any](t testing.TB, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		t.Fatal("it takes too long")
	}
	return v
}

// Packets are lost, come twice and late; messages come once, in their order.
func TestMessages(t *testing.T) {
	bad := func() func([]byte) [][]byte {
		r := rand.New(rand.NewPCG(1, 2))
		var late []byte
		return func(p []byte) (list [][]byte) {
			switch r.IntN(12) {
			case 0: // lost
			case 1:
				list = [][]byte{p, p}
			case 2:
				late = p
			case 3:
				damaged := bytes.Clone(p)
				damaged[r.IntN(len(p))] ^= 1 << r.IntN(8)
				list = [][]byte{damaged, p}
			default:
				list = [][]byte{p}
			}
			if late != nil && r.IntN(3) == 0 {
				list, late = append(list, late), nil
			}
			return list
		}
	}
	for _, c := range []struct {
		name             string
		bad, parts, lent bool
	}{{"by a good way", false, false, true}, {"by a bad way", true, false, false}, {"in parts", false, true, false}, {"in parts, by a bad way", true, true, true}} {
		t.Run(c.name, func(t *testing.T) {
			l := newLine(t, 30*time.Second, func(l *line) {
				l.parts, l.lent = c.parts, c.lent
				if c.bad {
					l.fateThere, l.fateHence = bad(), bad()
				}
			})
			n := 400
			if c.bad {
				n = 30
			}
			make_ := func(i int) []byte {
				size := 4
				switch {
				case i%100 == 0, c.bad && i%10 == 0:
					size = 3*maxFragment + i
				case i%100 == 70:
					size = maxFragment
				case i%7 == 0:
					size = longFragment - i%2
				}
				b := make([]byte, size)
				binary.LittleEndian.PutUint32(b, uint32(i))
				for j := 4; j < size; j += 1000 {
					b[j] = byte(i + j)
				}
				return b
			}
			go func() {
				for i := range n {
					l.conn.Send(make_(i))
				}
			}()
			conn := await(t, l.accepted)
			freed := make(chan bool, n)
			fromFile := 0
			for i := range n {
				if len(make_(i)) > maxFragment {
					fromFile++
				}
			}
			go func() {
				for i := range n {
					m := make_(i)
					if len(m) <= maxFragment {
						conn.Send(m)
						continue
					}
					conn.SendThen(func() { freed <- true }, m[:9:9], m[9:])
				}
			}()
			for i := range n {
				for _, s := range []side{l.script, l.worker} {
					if got := await(t, s.messages); !bytes.Equal(got, make_(i)) {
						t.Fatalf("message %d: %d bytes that begin with %x", i, len(got), got[:4])
					}
				}
			}
			if string(l.conn.Info()) != "a worker" {
				t.Errorf("info %q", l.conn.Info())
			}
			for range fromFile {
				await(t, freed)
			}
			l.conn.Close()
			if err := await(t, l.script.closed); err != ErrClosed {
				t.Errorf("closed: %v", err)
			}
			if !c.bad {
				if err := await(t, l.worker.closed); err != ErrClosed {
					t.Errorf("the worker's is closed: %v", err)
				}
			}
		})
	}
}

// When nothing comes through any more, both sides know it after a lease; when the way is
// open again before that, nothing is lost.
func TestLease(t *testing.T) {
	var cut sync.Map // true: it is
	broken := func(p []byte) [][]byte {
		if v, ok := cut.Load("it"); ok && v.(bool) {
			return nil
		}
		return [][]byte{p}
	}
	const lease = 3 * time.Second // a busy machine is silent for some time
	l := newLine(t, lease, func(l *line) { l.fateThere, l.fateHence = broken, broken })
	l.conn.Send([]byte("one"))
	await(t, l.worker.messages)
	cut.Store("it", true)
	l.conn.Send([]byte("two"))
	cut.Store("it", false)
	l.conn.Nudge()
	if m := await(t, l.worker.messages); string(m) != "two" {
		t.Errorf("%q", m)
	}
	cut.Store("it", true)
	since := time.Now()
	for name, s := range map[string]side{"script": l.script, "worker": l.worker} {
		if err := await(t, s.closed); err != ErrLease {
			t.Errorf("%s: %v, want %v", name, err, ErrLease)
		}
	}
	if took := time.Since(since); took < lease/2 {
		t.Errorf("over after %v, want about %v", took, lease)
	}
}

// A worker that is told that a script is gone doesn't wait for its lease, if it hears nothing more of that script.
func TestLeft(t *testing.T) {
	l := newLine(t, MaxLease, nil)
	l.conn.Send([]byte("one"))
	await(t, l.worker.messages)
	pool := (<-l.accepted).hello.pool
	l.listener.left(NewID()) // another script
	l.conn.Send([]byte("two"))
	await(t, l.worker.messages)
	l.toWorker.put(Left(pool))
	if err := await(t, l.worker.closed); err != ErrLeft {
		t.Errorf("%v, want %v", err, ErrLeft)
	}
	if err := await(t, l.script.closed); err != ErrClosed { // it is told, if it is there all the same
		t.Errorf("the script's: %v, want %v", err, ErrClosed)
	}
}

// Who lacks a key has no session.
func TestKeys(t *testing.T) {
	const short, long = 200 * time.Millisecond, patience
	t.Run("another pair", func(t *testing.T) {
		l := newLine(t, long, func(l *line) { l.scriptKey, _ = NewKeys() })
		var refused *RefusedError
		if err := await(t, l.script.closed); !errors.As(err, &refused) {
			t.Errorf("%v, want a refusal", err)
		}
	})
	t.Run("a worker's key, with which somebody signs", func(t *testing.T) {
		l := newLine(t, short, func(l *line) {
			other, _ := NewKeys()
			other.Secret = l.workerKey.Secret
			l.scriptKey = other
		})
		l.conn.Send([]byte("run this"))
		if err := await(t, l.script.closed); err != ErrLease {
			t.Errorf("%v, want %v", err, ErrLease)
		}
		if len(l.accepted)+len(l.worker.messages) > 0 {
			t.Error("the worker has accepted it")
		}
	})
	t.Run("a worker without the secret", func(t *testing.T) {
		l := newLine(t, long, func(l *line) { l.workerKey = &WorkerKey{l.workerKey.Public, make([]byte, secretSize), ""} })
		var refused *RefusedError
		if err := await(t, l.script.closed); !errors.As(err, &refused) {
			t.Errorf("%v, want a refusal", err)
		}
	})
}

// All that has been said, said again by somebody else, does nothing.
func TestReplay(t *testing.T) {
	var mu sync.Mutex
	var all [][]byte
	l := newLine(t, 20*time.Second, func(l *line) {
		l.fateThere = func(p []byte) [][]byte {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, bytes.Clone(p))
			return [][]byte{p}
		}
	})
	l.conn.Send([]byte("once"))
	await(t, l.worker.messages)
	mu.Lock()
	again := all
	mu.Unlock()
	for _, p := range again {
		l.toWorker.put(p)
	}
	l.conn.Send([]byte("twice"))
	if m := await(t, l.worker.messages); string(m) != "twice" {
		t.Errorf("%q came", m)
	}
	// The same to another worker with the same key: it can't tell the hello from a new one, but
	// the signature is not for what it has answered.
	second := &Listener{Key: l.workerKey, Info: func() []byte { return nil }, Out: func(ID, []byte) {},
		Accept: func(*Conn, ID) Config { t.Error("accepted"); return Config{} }}
	for _, p := range again {
		second.Packet(bytes.Clone(p))
	}
	for _, c := range second.Sessions() {
		c.Close()
	}
}

// Whatever comes from outside, no session is begun and nothing is delivered.
func FuzzPacket(f *testing.F) {
	script, worker := fixedKeys()
	private, err := ecdh.X25519().NewPrivateKey(bytes.Repeat([]byte("x"), keySize))
	if err != nil {
		f.Fatal(err)
	}
	id, pool := ID{1}, ID{2}
	hello := newHello(id, pool, time.Second, script.Secret, private)
	f.Add(hello)
	f.Add(newWelcome(id, hello, []byte("info"), script.Secret, private))
	f.Add(newStart(id, script.Private, []byte("said")))
	f.Add(refusal(id, "no"))
	f.Add(append(head(packetSealed, id), make([]byte, 40)...))
	f.Add(append(head(packetLong, id), make([]byte, 80)...))
	f.Fuzz(func(t *testing.T, packet []byte) {
		l := &Listener{Key: worker, Info: func() []byte { return nil }, Out: func(ID, []byte) {},
			Accept: func(*Conn, ID) Config { t.Error("accepted"); return Config{} }}
		l.Packet(bytes.Clone(packet))
		for _, c := range l.Sessions() {
			c.Packet(bytes.Clone(packet))
			c.Close()
		}
		c := Dial(script, pool, time.Minute, Config{Out: func([]byte) {}, Deliver: func([]byte) { t.Error("delivered") }})
		packet = bytes.Clone(packet)
		copy(packet[min(1, len(packet)):], c.id[:])
		c.Packet(packet)
		c.Close()
	})
}

// What is sealed comes from who has a key, and may be wrong all the same.
func FuzzPlain(f *testing.F) {
	b := appendPlainHead(nil, flagGap, 3)
	f.Add(b)
	f.Add(appendFragment(binary.AppendUvarint(b, 0), fragment{data: []byte("message")}))
	f.Add(appendFragment(binary.AppendUvarint(b, 7), fragment{data: []byte("message"), more: true, total: 9}))
	whole := appendFragment(binary.AppendUvarint(b, 0), fragment{data: []byte("message"), more: true, total: 9})
	f.Add(appendFragment(whole, fragment{data: []byte(".!")}))
	f.Fuzz(func(t *testing.T, plain []byte) {
		c := newConn(ID{}, time.Minute, Config{Out: func([]byte) {}, Part: func(int, []byte) {}})
		c.out.queue = make([]outgoing, 5)
		messages, _ := c.take(plain, time.Now())
		total := 0
		for _, m := range messages {
			total += len(m.data)
		}
		if total > len(plain) {
			t.Errorf("%d bytes of messages in %d", total, len(plain))
		}
	})
}

// The same of what is sealed with a long fragment, which may be damaged, and of whatever looks like one.
func FuzzLong(f *testing.F) {
	seal, err := newSeal(make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	room := make([]byte, 4*maxFragment)
	data := make([]byte, 100)
	head := appendFragmentHead(binary.AppendUvarint(appendPlainHead(nil, 0, 3), 0), fragment{data: data, more: true, total: 150})
	last := appendFragmentHead(binary.AppendUvarint(appendPlainHead(nil, flagGap, 3), 1), fragment{data: data[:50]})
	f.Add(head, last, 100, 50, true, sealLong(seal, ID{}, 1, nil, head, data))
	f.Add(last, head, 50, 100, false, head)
	f.Fuzz(func(t *testing.T, one, two []byte, sizeOne, sizeTwo int, good bool, packet []byte) {
		if head, _, before, data, ok := openLong(seal, packet); ok && len(before)+len(data) != len(packet) || len(head) > 255 {
			t.Errorf("%d and %d bytes of %d", len(before), len(data), len(packet))
		}
		if sizeOne < 0 || sizeTwo < 0 || sizeOne > maxFragment || sizeTwo > maxFragment {
			return
		}
		roomFor := func(n int) []byte {
			if n > len(room) {
				t.Skip("that much memory is not tried here")
			}
			return room[:n]
		}
		for _, cfg := range []Config{{Room: roomFor}, {Part: func(int, []byte) {}, Into: func(n int) []byte { return make([]byte, n) }}} {
			cfg.Out = func([]byte) {}
			c := newConn(ID{}, time.Minute, cfg)
			c.out.queue = make([]outgoing, 5)
			total := 0
			for i, head := range [][]byte{one, two, two} {
				n := []int{sizeOne, sizeTwo, sizeTwo}[i]
				if c.state == closed {
					break
				}
				messages, _ := c.takeLong(head, n, func(dst []byte) ([]byte, bool) {
					if dst != nil && len(dst) != n {
						t.Errorf("%d bytes where %d belong", len(dst), n)
					}
					return make([]byte, n), good || i > 0
				}, time.Now())
				for _, m := range messages {
					total += len(m.data)
				}
			}
			if total > sizeOne+2*sizeTwo {
				t.Errorf("%d bytes of messages in %d", total, sizeOne+2*sizeTwo)
			}
		}
	})
}
