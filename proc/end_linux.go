//go:build !portable

package proc

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// EndAll sends s to the children of this process and to all that these have started,
// and so on, programs of any kind but those of [Spare], and waits until they have ended, or ctx has. Those
// that are stopped are let go on. It is for a program that is about to exit, and
// starts nothing any more.
func EndAll(ctx context.Context, s os.Signal) {
	n, ok := s.(syscall.Signal)
	if !ok {
		return
	}
	// What one that ends has left behind becomes our child, and is found.
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	const look = 2 * time.Millisecond // nothing tells of the end of a grandchild
	tick := time.NewTicker(look)
	defer tick.Stop()
	told := map[int]bool{}
	for {
		list := descendants()
		if len(list) == 0 {
			return
		}
		for _, pid := range list {
			if !told[pid] {
				told[pid] = true
				unix.Kill(pid, n)
				unix.Kill(pid, unix.SIGCONT)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// descendants returns the processes below this one that have not ended, and aren't spared.
func descendants() (list []int) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	below := map[int][]int{}
	ended := map[int]bool{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		b, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		// pid (name) state parent ...; the name may hold anything.
		f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
		if len(f) < 2 {
			continue
		}
		parent, _ := strconv.Atoi(string(f[1]))
		below[parent] = append(below[parent], pid)
		ended[pid] = f[0][0] == 'Z' || f[0][0] == 'X'
	}
	for next := below[os.Getpid()]; len(next) > 0; {
		pid := next[0]
		if _, ok := exempt.Load(pid); ok {
			next = next[1:]
			continue
		}
		next = append(next[1:len(next):len(next)], below[pid]...)
		if !ended[pid] {
			list = append(list, pid)
		}
	}
	return list
}
