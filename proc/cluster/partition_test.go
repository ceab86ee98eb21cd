//go:build linux

package cluster_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

// A cable carries connections to an address, until it is cut: then nothing comes through, either
// way, and nobody is told.
type cable struct {
	listener net.Listener
	mu       sync.Mutex
	whole    sync.Cond
	cut      bool
	closed   bool
	conns    []net.Conn
	all      sync.WaitGroup
}

func newCable(t *testing.T, to string) *cable {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{listener: l}
	c.whole.L = &c.mu
	c.all.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			c.mu.Lock()
			c.conns = append(c.conns, near, far)
			c.mu.Unlock()
			c.all.Go(func() { c.carry(near, far) })
			c.all.Go(func() { c.carry(far, near) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		c.mu.Lock()
		c.cut, c.closed = false, true
		c.whole.Broadcast()
		for _, conn := range c.conns {
			conn.Close()
		}
		c.mu.Unlock()
		c.all.Wait()
	})
	return c
}

func (c *cable) address() string { return "nats://" + c.listener.Addr().String() }

func (c *cable) carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		c.mu.Lock()
		for c.cut && !c.closed {
			c.whole.Wait()
		}
		c.mu.Unlock()
		if _, werr := to.Write(b[:n]); err != nil || werr != nil {
			return
		}
	}
}

func (c *cable) set(cut bool) {
	c.mu.Lock()
	c.cut = cut
	c.whole.Broadcast()
	c.mu.Unlock()
}

// A machine that is cut off ends its tasks by itself, and what it had is begun elsewhere; when the
// cable is whole again it works as before.
func TestPartition(t *testing.T) {
	c := newTown(t)
	wire := newCable(t, strings.TrimPrefix(c.address, "nats://"))
	c.work(1, "CLUSTER_TEST_ADDRESS="+wire.address(), "CLUSTER_TEST_NAME=far")
	p := c.pool(pool.Config{Retries: 1}, func(cfg *remote.Config) { cfg.Lease = 2 * time.Second })
	log := filepath.Join(t.TempDir(), "log")
	call := begin(t, p, "stay", pool.Options{}, log)
	first := awaitLines(t, log, 1)[0]
	near := c.work(1, "CLUSTER_TEST_NAME=near")
	wire.set(true)
	cut := time.Now()
	second := awaitLines(t, log, 2)[1]
	t.Logf("begun elsewhere %v after the cut", time.Since(cut))
	if first == second {
		t.Fatalf("both by %s", first)
	}
	pid, _ := strconv.Atoi(first)
	for deadline := time.Now().Add(patience); !ended(pid); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what was cut off goes on")
		}
	}
	t.Logf("ended there %v after the cut", time.Since(cut))
	wire.set(false)
	near.kill()
	if list := outcomes(t, call); len(list) != 1 || list[0].Kind != pool.Lost { // it was tried once again already
		t.Errorf("%+v", list)
	}
	if list := outcomes(t, begin(t, p, "echo", pool.Options{}, "x")); len(list) != 1 || list[0].Worker == nil || list[0].Worker.Host != "far" {
		t.Errorf("%+v", list)
	}
	if n := len(awaitLines(t, log, 2)); n != 2 {
		t.Errorf("begun %d times", n)
	}
}

// ended says whether a process runs no more.
func ended(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(b), ") Z ")
}

// awaitLines waits until a file has so many lines.
func awaitLines(t *testing.T, name string, n int) (lines []string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; <-time.After(time.Millisecond) {
		f, err := os.Open(name)
		if err == nil {
			b, _ := io.ReadAll(f)
			f.Close()
			if lines = strings.Fields(string(b)); len(lines) >= n {
				return lines
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d lines, want %d", len(lines), n)
		}
	}
}
