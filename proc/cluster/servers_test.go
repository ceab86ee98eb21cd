//go:build linux

package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"luaspawn/proc/cluster"
	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

// freePorts returns ports that nobody listens at now.
func freePorts(t *testing.T, n int) (list []string) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		list = append(list, l.Addr().String())
	}
	return list
}

// Of three servers one after the other is killed, and comes back: nothing is lost, and no task is begun
// twice.
func TestThreeServers(t *testing.T) {
	c := &town{t: t, dir: t.TempDir()}
	ports := freePorts(t, 6)
	servers := make([]*part, 3)
	t.Cleanup(func() {
		for _, w := range c.workers {
			w.end()
		}
		for _, s := range servers {
			if s != nil {
				s.end()
			}
		}
	})
	var err error
	if c.script, err = remote.MakeKeys(c.dir); err != nil {
		t.Fatal(err)
	}
	launch := func(i int) {
		servers[i] = start(t, "serve", "CLUSTER_TEST_KEYS="+c.dir, "CLUSTER_TEST_ADDRESS="+ports[i], "CLUSTER_TEST_PEERS_AT="+ports[3+i],
			"CLUSTER_TEST_PEERS="+strings.Join([]string{ports[3+(i+1)%3], ports[3+(i+2)%3]}, " "))
		select {
		case <-servers[i].lines:
		case <-time.After(patience):
			t.Fatal("a server doesn't start")
		}
	}
	for i := range servers {
		launch(i)
	}
	// Each goes to another one first.
	for i := range 3 {
		c.address = "nats://" + ports[i] + ",nats://" + ports[(i+1)%3] + ",nats://" + ports[(i+2)%3]
		c.work(1)
	}
	p, err := pool.New(context.Background(), pool.Config{}, c.transport(func(cfg *remote.Config) { cfg.Lease = 30 * time.Second }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Terminate()
		await(t, p.Done())
	})
	log := filepath.Join(t.TempDir(), "log")
	tasks, kills := 900, 3
	switch {
	case os.Getenv("LUASPAWN_CHAOS") != "":
		tasks, kills = 12000, 12
	case testing.Short():
		tasks, kills = 300, 1
	}
	list := make([]string, tasks)
	for i := range list {
		list[i] = fmt.Sprintf("%s %d", log, i)
	}
	call := begin(t, p, "append", pool.Options{KeepGoing: true, Chunk: 4}, list...)
	done, killed := 0, 0
	deadline := time.NewTimer(patience) // for the next outcome
	for over := false; !over; {
		var some pool.Outcomes
		some, over = call.Take()
		if some.Len() > 0 {
			deadline.Reset(patience)
		}
		for o := range some.All() {
			if done++; o.Kind != pool.Done {
				t.Errorf("%+v %+v", o, o.Extra)
			}
		}
		if over {
			break
		}
		if killed < kills && done > killed*tasks/(kills+1) {
			i := rand.IntN(3)
			killed++
			servers[i].kill()
			launch(i)
			continue
		}
		select {
		case <-call.Ready():
		case <-deadline.C:
			t.Fatalf("%d outcomes of %d, and no more come", done, tasks)
		}
	}
	if n := len(awaitLines(t, log, tasks)); done != tasks || n != tasks {
		t.Errorf("%d outcomes, %d begun, want %d", done, n, tasks)
	}
}

// Where a server can't listen it says why, at once: the server of NATS would try for ever.
func TestCannotListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, cfg := range []cluster.ServerConfig{{Listen: taken.Addr().String()}, {Listen: "127.0.0.1:0", PeersAt: taken.Addr().String()}} {
		cfg.Dir = t.TempDir()
		s, err := cluster.Serve(cfg)
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("%+v: %v, want %v", cfg, err, syscall.EADDRINUSE)
		}
		if err == nil {
			s.Close()
		}
	}
}
