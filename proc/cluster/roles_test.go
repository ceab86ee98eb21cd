//go:build linux

package cluster_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"luaspawn/proc/cluster"
	"luaspawn/proc/internal/relay"
	"luaspawn/proc/internal/session"
	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

// as connects with a role's password.
func (c *town) as(user, password string) (*nats.Conn, chan error) {
	c.t.Helper()
	refused := make(chan error, 10)
	nc, err := nats.Connect(c.address, nats.UserInfo(user, password), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(nc.Close)
	return nc, refused
}

// The server itself lets a worker not submit, and a script not take what is for workers.
func TestRoles(t *testing.T) {
	c := newTown(t)
	worker, err := session.ReadKey(c.dir+"/"+session.WorkerFile, session.ParseWorkerKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		user, password string
		publish        []string
		subscribe      []string
	}{
		{"worker", worker.Password, []string{says + "worker.x", "ls.who", "other", "$SYS.REQ.SERVER.PING"}, []string{says + "pool.*", "ls.>", "$SYS.>", "_INBOX.>"}},
		{"script", c.script.Password(), []string{says + "pool.x", "ls.here.all", says + "gone.x", "other"}, []string{says + "worker.*", "ls.who", ">"}},
	} {
		nc, refused := c.as(r.user, r.password)
		for _, subject := range r.publish {
			nc.Publish(subject, nil)
			if err := awaitError(t, refused); !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s publishes %s: %v", r.user, subject, err)
			}
		}
		for _, subject := range r.subscribe {
			nc.SubscribeSync(subject)
			if err := awaitError(t, refused); !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s subscribes to %s: %v", r.user, subject, err)
			}
		}
	}
	// A script may ask who is there, as the nats command does.
	c.work(3)
	p := c.pool(pool.Config{}, nil)
	results(t, begin(t, p, "echo", pool.Options{}, "x"))
	nc, _ := c.as("script", c.script.Password())
	for _, ask := range []struct{ subject, part string }{
		{"$SRV.PING.luaspawn", `"host":"machine-1"`},
		{"$SRV.STATS.luaspawn", `"data":{"pools":1,"processes":3}`},
	} {
		if m, err := nc.Request(ask.subject, nil, patience); err != nil || !strings.Contains(string(m.Data), ask.part) {
			t.Errorf("%s: %q, %v, want %s in it", ask.subject, m.Data, err, ask.part)
		}
	}
	if _, err := nats.Connect(c.address, nats.UserInfo("script", worker.Password)); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a script with a worker's password: %v", err)
	}
	if _, err := nats.Connect(c.address); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("anybody: %v", err)
	}
}

func awaitError(t *testing.T, from <-chan error) error {
	t.Helper()
	select {
	case err := <-from:
		return err
	case <-time.After(patience):
		t.Fatal("nothing is refused")
		return nil
	}
}

// awaitTrouble waits until a transport says what is wrong, in words that have this in them.
func awaitTrouble(t *testing.T, tr *remote.Transport, part string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(tr.Trouble(), part); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("trouble %q, want %q in it", tr.Trouble(), part)
		}
	}
}

// Why there is no worker is said: another key, another format, no server.
func TestTrouble(t *testing.T) {
	c := newTown(t)
	c.work(1)
	start := func(change func(*remote.Config)) *remote.Transport {
		tr := c.transport(change)
		p, err := pool.New(t.Context(), pool.Config{}, tr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			p.Terminate()
			await(t, p.Done())
		})
		return tr
	}
	awaitTrouble(t, start(func(cfg *remote.Config) {
		other, err := remote.MakeKeys(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		cfg.Key = other // who has the server's password, but not the key
	}), "it has another key than this worker")
	awaitTrouble(t, start(func(cfg *remote.Config) { cfg.Connect["password"] = "wrong" }), "Authorization Violation (the server was made with other keys than those here")
	awaitTrouble(t, start(func(cfg *remote.Config) { cfg.Connect["address"] = "nats://127.0.0.1:1" }), "connection refused")
	awaitTrouble(t, start(func(cfg *remote.Config) { cfg.Connect["address"] = "http://head" }), "nats:// or tls://")
	awaitTrouble(t, start(func(cfg *remote.Config) { cfg.Tags = []string{"gpu"} }), `1 that lacks the tag "gpu"`)
	worker, err := session.ReadKey(c.dir+"/"+session.WorkerFile, session.ParseWorkerKey)
	if err != nil {
		t.Fatal(err)
	}
	tr := start(func(cfg *remote.Config) { cfg.Tags = []string{"none"} })
	awaitTrouble(t, tr, "lacks")
	nc, _ := c.as("worker", worker.Password)
	id := session.NewID()
	nc.Publish("ls.here.all", append(id[:], relay.Fields{"format": "999", "version": "v9"}.Bytes()...))
	awaitTrouble(t, tr, "1 that speaks format 999 (luaspawn v9)")
}

// workerThatSpeaks starts a worker. What it says to people comes through the channel, as far as there is room. end ends it.
func workerThatSpeaks(t *testing.T, cfg cluster.WorkerConfig) (said <-chan string, end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	all, ended := make(chan string, 1000), make(chan error, 1)
	cfg.Said = func(what string) {
		select {
		case all <- what:
		default:
		}
	}
	go func() { ended <- cluster.Work(ctx, cfg) }()
	return all, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// A worker whose server isn't there says that.
func TestNoServer(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := session.MakeKeys(dir); err != nil {
		t.Fatal(err)
	}
	said, end := workerThatSpeaks(t, cluster.WorkerConfig{Address: "nats://127.0.0.1:1", Key: filepath.Join(dir, session.WorkerFile)})
	defer end()
	const want = "can't connect to nats://127.0.0.1:1: no server listens there; it is tried again"
	select {
	case got := <-said:
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	case <-time.After(patience):
		t.Error("it says nothing")
	}
}

// A program that runs no tasks is said to be none, to who has started the worker and to the script.
func TestNoHost(t *testing.T) {
	c := newTown(t)
	for name, want := range map[string]struct {
		program []string
		why     string
	}{
		"ends":  {[]string{"/bin/sh", "-c", "exit 3"}, "program has ended before it was ready for tasks: exit status 3"},
		"talks": {[]string{"/bin/echo", "usage: this is a program for people, who read such lines"}, "program isn't one that runs tasks"},
	} {
		t.Run(name, func(t *testing.T) {
			said, end := workerThatSpeaks(t, cluster.WorkerConfig{Address: c.address, Key: filepath.Join(c.dir, session.WorkerFile),
				Processes: 1, Name: name, Program: want.program})
			defer end()
			tr := c.transport(nil)
			p, err := pool.New(t.Context(), pool.Config{}, tr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				p.Terminate()
				await(t, p.Done())
			}()
			awaitTrouble(t, tr, "there are workers that can't be used: 1 that fails: its "+want.why)
			line := fmt.Sprintf("'%s': %s (--program says which it is)", want.program[0], want.why)
			for got := ""; got != line; {
				select {
				case got = <-said:
				case <-time.After(patience):
					t.Fatalf("it doesn't say %q, but %q", line, got)
				}
			}
		})
	}
}

// A server that is set to refuse what sessions say is refused, by both sides, in words that say what to do.
func TestPayload(t *testing.T) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, MaxPayload: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	if !s.ReadyForConnections(patience) {
		t.Fatal("the server doesn't start")
	}
	const remedy = "(max_payload: 524288 in its configuration)"
	c := &town{t: t, dir: t.TempDir(), address: s.ClientURL()}
	if c.script, err = remote.MakeKeys(c.dir); err != nil {
		t.Fatal(err)
	}
	tr := c.transport(nil)
	p, err := pool.New(t.Context(), pool.Config{}, tr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		p.Terminate()
		await(t, p.Done())
	}()
	awaitTrouble(t, tr, remedy)
	said, end := workerThatSpeaks(t, cluster.WorkerConfig{Address: c.address, Key: filepath.Join(c.dir, session.WorkerFile)})
	defer end()
	select {
	case what := <-said:
		if !strings.Contains(what, remedy) {
			t.Errorf("the worker says %q", what)
		}
	case <-time.After(patience):
		t.Error("the worker says nothing")
	}
}

// Noise at every door is dropped, and work goes on.
func TestNoise(t *testing.T) {
	c := newTown(t)
	c.work(1)
	p := c.pool(pool.Config{}, nil)
	results(t, begin(t, p, "echo", pool.Options{}, numbers(10)...))
	worker, err := session.ReadKey(c.dir+"/"+session.WorkerFile, session.ParseWorkerKey)
	if err != nil {
		t.Fatal(err)
	}
	asScript, _ := c.as("script", c.script.Password())
	asWorker, _ := c.as("worker", worker.Password)
	// What is really said, to be repeated and damaged.
	heard, err := asScript.SubscribeSync(says + "pool.*")
	if err != nil {
		t.Fatal(err)
	}
	here, err := asScript.SubscribeSync("ls.here.*")
	if err != nil {
		t.Fatal(err)
	}
	asScript.Publish("ls.who", make([]byte, 16))
	m, err := here.NextMsg(patience)
	if err != nil {
		t.Fatal(err)
	}
	to := says + "worker." + hexOf(m.Data[:16])
	results(t, begin(t, p, "echo", pool.Options{}, numbers(10)...))
	packet, err := heard.NextMsg(patience)
	if err != nil {
		t.Fatal(err)
	}
	n := 10000
	if testing.Short() {
		n = 2000
	}
	for i := range n {
		noise := make([]byte, i%300)
		rand.Read(noise)
		damaged := append([]byte(nil), packet.Data...)
		damaged[i%len(damaged)] ^= byte(1 + i%255)
		for _, b := range [][]byte{noise, damaged, packet.Data} {
			asScript.Publish(to, b)
			asWorker.Publish(packet.Subject, b)
			asWorker.Publish("ls.here.all", b)
		}
	}
	asScript.Flush()
	asWorker.Flush()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.address, "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 1<<16)
	rand.Read(noise)
	conn.Write(noise)
	conn.Close()
	if got := results(t, begin(t, p, "echo", pool.Options{}, numbers(100)...)); got[99] != "99" {
		t.Errorf("%q", got)
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, x := range b {
		s.WriteByte(digits[x>>4])
		s.WriteByte(digits[x&15])
	}
	return s.String()
}

// Beyond loopback a server speaks TLS, and is known by the hash in its address.
func TestTLS(t *testing.T) {
	c := &town{t: t, dir: t.TempDir()}
	t.Cleanup(func() {
		for _, w := range c.workers {
			w.end()
		}
		c.server.end()
	})
	c.serve("0.0.0.0:0")
	var err error
	if c.script, err = remote.ReadKey(c.dir); err != nil {
		t.Fatal(err)
	}
	a, err := relay.ParseAddress(c.address)
	if err != nil || !a.TLS || len(a.Pin) != 32 {
		t.Fatalf("address %s: %+v, %v", c.address, a, err)
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(a.URLs[0], "nats://"))
	_, pin, _ := strings.Cut(c.address, "#")
	c.address = "nats://127.0.0.1:" + port + "#" + pin
	c.work(1)
	p := c.pool(pool.Config{}, nil)
	results(t, begin(t, p, "echo", pool.Options{}, numbers(10)...))
	other := "1" + pin[len("sha256:")+1:]
	if pin[len("sha256:")] == '1' {
		other = "2" + other[1:]
	}
	for after, want := range map[string]string{"#sha256:" + other: "another certificate", "": "what serve prints ends in #sha256:"} {
		tr := c.transport(func(cfg *remote.Config) { cfg.Connect["address"] = "nats://127.0.0.1:" + port + after })
		q, err := pool.New(t.Context(), pool.Config{}, tr)
		if err != nil {
			t.Fatal(err)
		}
		awaitTrouble(t, tr, want)
		q.Terminate()
		await(t, q.Done())
	}
}
