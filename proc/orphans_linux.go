//go:build !portable

package proc

import (
	"bytes"
	"os"
	"os/signal"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// The first process of a pid namespace, of a container say, gets all processes whose
// parents have ended, and keeps them as zombies until it waits for them. To wait for any
// child would take away the exit codes of those that it has started itself. So it knows
// these, from before anybody could take them for orphans.

// own is a fact about this process: the children that it has started and not reaped.
var own struct {
	sync.Mutex
	reaping bool         // else nobody asks
	pids    map[int]bool // reaped by who has started them
}

// ReapOrphans lets the processes be reaped whose parents have ended, if this is the
// first process of a pid namespace; else it does nothing. It is called once, by a program
// that starts processes only by this package and, with os/exec say, within [Own].
// Elsewhere than on Linux it does nothing.
func ReapOrphans() {
	if os.Getpid() != 1 {
		return
	}
	own.Lock()
	own.reaping, own.pids = true, map[int]bool{}
	own.Unlock()
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, unix.SIGCHLD)
	go func() {
		for {
			reapOrphans()
			<-ended
		}
	}()
}

// Own calls start, which starts a process, and sees to it that this one is reaped by
// nobody else. The caller calls reaped when it has waited for it.
func Own(start func() (pid int, err error)) (reaped func(), err error) {
	own.Lock()
	defer own.Unlock()
	if !own.reaping {
		_, err := start()
		return func() {}, err
	}
	pid, err := start()
	if err != nil {
		return func() {}, err
	}
	own.pids[pid] = true
	return func() {
		own.Lock()
		delete(own.pids, pid)
		own.Unlock()
		reapOrphans() // one with the same number may have ended
	}, nil
}

func reapOrphans() {
	own.Lock()
	defer own.Unlock()
	threads, _ := os.ReadDir("/proc/self/task")
	for _, t := range threads {
		children, _ := os.ReadFile("/proc/self/task/" + t.Name() + "/children")
		for _, field := range bytes.Fields(children) {
			if pid, err := strconv.Atoi(string(field)); err == nil && !own.pids[pid] {
				unix.Wait4(pid, nil, unix.WNOHANG, nil)
			}
		}
	}
}
