//go:build linux

package cluster_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/session"
	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

// childrenOf returns the processes that pid has started.
func childrenOf(pid int) (list []int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range files {
		b, _ := os.ReadFile(f)
		for word := range strings.FieldsSeq(string(b)) {
			n, _ := strconv.Atoi(word)
			list = append(list, n)
		}
	}
	return list
}

// A victim is a kind of process of a cluster.
type victim struct {
	name string
	pick func(c *town) []int // those that there are now
	back func(c *town)       // starts another one in the place of one that was killed; nil: that comes by itself

	// strike does what is no signal; nil: there is none. It is done in the long form of the test only.
	strike func(c *town, cables []*cable, lease time.Duration)
}

var victims = []victim{
	{"child", func(c *town) (list []int) {
		for _, host := range hosts(c) {
			list = append(list, childrenOf(host)...)
		}
		return list
	}, nil, nil},
	{"host", hosts, nil, nil},
	{"worker", func(c *town) (list []int) {
		for _, w := range c.alive() {
			list = append(list, w.Process.Pid)
		}
		return ours(list)
	}, func(c *town) { c.work(2) }, nil},
	{"bridge", func(c *town) []int {
		c.mu.Lock()
		defer c.mu.Unlock()
		return ours(c.bridges)
	}, nil, nil},
	{"server", func(c *town) []int { return ours([]int{c.server.Process.Pid}) }, func(c *town) {
		<-c.server.done
		c.again()
	}, nil},
	{"server killed and its directory deleted but for the keys", nil, nil, func(c *town, _ []*cable, _ time.Duration) {
		c.server.kill()
		files, _ := filepath.Glob(filepath.Join(c.dir, "*"))
		for _, f := range files {
			if name := filepath.Base(f); name != session.ScriptFile && name != session.WorkerFile {
				os.RemoveAll(f)
			}
		}
		c.again()
	}},
	{"worker cut off, both ways", nil, nil, func(_ *town, cables []*cable, lease time.Duration) {
		cut(cables[1+rand.IntN(len(cables)-1)], lease)
	}},
	{"script cut off, both ways", nil, nil, func(_ *town, cables []*cable, lease time.Duration) {
		cut(cables[0], lease)
	}},
}

func cut(c *cable, lease time.Duration) {
	c.set(true)
	<-time.After(2 * lease)
	c.set(false)
}

// alive returns the workers that have not ended.
func (c *town) alive() (list []*part) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.workers {
		select {
		case <-w.done:
		default:
			list = append(list, w)
		}
	}
	return list
}

func hosts(c *town) (list []int) {
	for _, w := range c.alive() {
		list = append(list, childrenOf(w.Process.Pid)...)
	}
	return list
}

// ours returns those of a list that this process has started, and that have not been waited for.
func ours(list []int) (some []int) {
	children := childrenOf(os.Getpid())
	for _, pid := range list {
		if slices.Contains(children, pid) {
			some = append(some, pid)
		}
	}
	return some
}

// choose returns a descriptor of one of what pick returns, as soon as there is one. A number alone may be
// somebody else's a moment later.
func choose(t testing.TB, c *town, v victim) (pidfd int) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(time.Millisecond) {
		list := v.pick(c)
		if len(list) == 0 {
			continue
		}
		pid := list[rand.IntN(len(list))]
		pidfd, err := unix.PidfdOpen(pid, 0)
		if err == nil && slices.Contains(v.pick(c), pid) && runs(pidfd) {
			return pidfd
		}
		if err == nil {
			unix.Close(pidfd)
		}
	}
	t.Fatalf("there is no %s", v.name)
	return -1
}

// runs says whether a process has not ended, waited for or not.
func runs(pidfd int) bool {
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, 0)
		if err != unix.EINTR {
			return n == 0
		}
	}
}

// strike sends one of the victims a signal, and reports whether it was there to get it. If the signal stops it
// it goes on after two leases.
func strike(t testing.TB, c *town, v victim, signal syscall.Signal, lease time.Duration) bool {
	t.Helper()
	pidfd := choose(t, c, v)
	defer unix.Close(pidfd)
	if unix.PidfdSendSignal(pidfd, signal, nil, 0) != nil {
		return false
	}
	if signal == syscall.SIGSTOP {
		<-time.After(2 * lease)
		unix.PidfdSendSignal(pidfd, syscall.SIGCONT, nil, 0)
	} else if v.back != nil {
		v.back(c)
	}
	return true
}

// A task whose child, host or machine's luaspawnd is killed is begun elsewhere, though the lease is an hour: its end is
// seen, and not waited for.
func TestBegunElsewhere(t *testing.T) {
	c := newTown(t)
	for range 3 {
		c.work(1)
	}
	p := c.pool(pool.Config{Retries: 3}, func(cfg *remote.Config) { cfg.Lease = session.MaxLease })
	log := filepath.Join(t.TempDir(), "log")
	call := begin(t, p, "stay", pool.Options{}, log)
	for i, what := range []string{"child", "host", "luaspawnd"} {
		pid, _ := strconv.Atoi(awaitLines(t, log, i+1)[i])
		for range i { // from the child up
			pid = parentOf(t, pid)
		}
		killed := time.Now()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		awaitLines(t, log, i+2)
		t.Logf("%s killed: begun elsewhere after %v", what, time.Since(killed))
	}
	call.Abort()
}

// parentOf returns who has started a process that lives.
func parentOf(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, ok := strings.Cut(string(b), ") ")
	if err != nil || !ok {
		t.Fatalf("%q, %v", b, err)
	}
	parent, err := strconv.Atoi(strings.Fields(rest)[1])
	if err != nil {
		t.Fatal(err)
	}
	return parent
}

// Processes of each kind are killed, or stopped for two leases. Each task has one outcome, whatever
// happens, and is begun no more often than the pool was told to. LUASPAWN_CHAOS=1 is for who has some
// minutes: all kinds of disturbances, three times, each of 12,000 tasks.
func TestChaos(t *testing.T) {
	tasks, times, rounds, all := 600, 2, 1, false
	switch {
	case os.Getenv("LUASPAWN_CHAOS") != "":
		tasks, times, rounds, all = 12000, 12, 3, true
	case os.Getenv("LUASPAWN_STRESS") != "":
		tasks, times = 2000, 4
	case testing.Short():
		tasks, times = 200, 1
	}
	for _, v := range victims {
		if v.strike != nil {
			if all {
				t.Run(v.name, func(t *testing.T) {
					for range rounds {
						chaos(t, v, 0, 1000, tasks, times, time.Second)
					}
				})
			}
			continue
		}
		for _, c := range []struct {
			name    string
			signal  syscall.Signal
			retries int
			lease   time.Duration
		}{
			{"killed", syscall.SIGKILL, 0, 20 * time.Second},
			{"killed, with retries", syscall.SIGKILL, 1000, 20 * time.Second},
			{"stopped", syscall.SIGSTOP, 1000, time.Second},
		} {
			if c.signal == syscall.SIGSTOP && v.name == "child" {
				continue // it is one that takes long: a timeout is what there is for it
			}
			if !all && v.name != "worker" && c.retries != 1000 || !all && c.signal == syscall.SIGSTOP && v.name != "worker" {
				continue
			}
			if testing.Short() && (v.name != "worker" && v.name != "server" || c.name != "killed, with retries") {
				continue
			}
			t.Run(v.name+" "+c.name, func(t *testing.T) {
				if !all {
					t.Parallel() // they wait, most of the time
				}
				for range rounds {
					chaos(t, v, c.signal, c.retries, tasks, times, c.lease)
				}
			})
		}
	}
}

func chaos(t *testing.T, v victim, signal syscall.Signal, retries, tasks, times int, lease time.Duration) {
	log := filepath.Join(t.TempDir(), "log")
	c := newTown(t)
	var cables []*cable // the script's, and those of the workers
	if v.strike != nil {
		for range 4 {
			cables = append(cables, newCable(t, strings.TrimPrefix(c.address, "nats://")))
		}
	}
	for i := range 3 {
		if cables != nil {
			c.work(2, "CLUSTER_TEST_ADDRESS="+cables[1+i].address())
		} else {
			c.work(2)
		}
	}
	p := c.pool(pool.Config{Retries: retries}, func(cfg *remote.Config) {
		cfg.Lease = lease
		if cables != nil {
			cfg.Connect["address"] = cables[0].address()
		}
	})
	list := make([]string, tasks)
	for i := range list {
		list[i] = fmt.Sprintf("%s %d", log, i)
	}
	call := begin(t, p, "append", pool.Options{KeepGoing: true}, list...)
	kinds, seen := map[pool.Kind]int{}, map[int]bool{}
	deadline := time.NewTimer(patience) // for the next outcome
	disturbed := 0
	for over := false; !over; {
		var some pool.Outcomes
		some, over = call.Take()
		if some.Len() > 0 {
			deadline.Reset(patience)
		}
		for o := range some.All() {
			if seen[o.Index] {
				t.Errorf("two outcomes of %d", o.Index)
			}
			seen[o.Index] = true
			kinds[o.Kind]++
			if o.Kind == pool.Lost && retries > 0 {
				t.Errorf("task %d was lost: %+v", o.Index, o.Extra)
			}
		}
		if over {
			break
		}
		if disturbed < times && len(seen) > disturbed*tasks/(times+1) {
			if v.strike != nil {
				v.strike(c, cables, lease)
				disturbed++
			} else if strike(t, c, v, signal, lease) {
				disturbed++
			}
			continue
		}
		select {
		case <-call.Ready():
		case <-deadline.C:
			t.Fatalf("%d outcomes of %d, and no more come", len(seen), tasks)
		}
	}
	if len(seen) != tasks {
		t.Errorf("%d outcomes, want %d", len(seen), tasks)
	}
	begun := map[string]int{}
	b, _ := os.ReadFile(log)
	most := 0
	for line := range strings.Lines(string(b)) {
		begun[line]++
		most = max(most, begun[line])
	}
	if most > 1+retries {
		t.Errorf("a task was begun %d times, want %d at most", most, 1+retries)
	}
	if len(begun) < kinds[pool.Done] {
		t.Errorf("%d tasks have begun, %d are done", len(begun), kinds[pool.Done])
	}
	t.Logf("%d outcomes: %d done, %d lost; %d begun %d times, at most %d each; %d disturbed",
		len(seen), kinds[pool.Done], kinds[pool.Lost], len(begun), strings.Count(string(b), "\n"), most, disturbed)
}
