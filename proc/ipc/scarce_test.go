//go:build linux && !portable

package ipc

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// leave takes all descriptors that this process may have, but for n.
func leave(n int) {
	var taken []int
	limit := unix.Rlimit{Cur: 64, Max: 64} // so that it is soon reached
	check(unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
	for {
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == unix.EMFILE {
			break
		}
		check(err)
		taken = append(taken, fd)
	}
	if len(taken) < n {
		panic(fmt.Sprint("only ", len(taken), " are free"))
	}
	for _, fd := range taken[:n] {
		unix.Close(fd)
	}
}

func init() { roles["scarce"] = childScarce }

// childScarce waits for a lock that somebody holds, with so many descriptors free.
func childScarce(files []*os.File, rest string) int {
	if rest == "self" {
		itself.Store(nil)
		leave(0)
		if _, err := NewEvent(); err == nil {
			panic("no error")
		}
		fmt.Println("scarce")
		unix.Close(60)
		must(self())
		fmt.Println("known")
		return 0
	}
	l := must(OpenLock(files))
	leave(must(strconv.Atoi(rest)))
	fmt.Println(must(l.Locked()), must(l.Acquire(background, 0)), must(l.Acquire(background, 2*blindPause)))
	fmt.Println(must(l.Acquire(background, Forever)))
	return 0
}

// With one descriptor free a pidfd could be had, but not a look at who it is of, and
// the holder was taken for dead. With none it can't be watched; but its death is
// noticed.
func TestScarceDescriptors(t *testing.T) {
	for n := range 4 {
		l := must(NewLock())
		defer l.Close()
		holder := spawn(t, "lock hold", files(t, l)...)
		holder.says("holds")
		waiter := spawn(t, fmt.Sprint("scarce ", n), files(t, l)...)
		waiter.says(fmt.Sprint(true, NotAcquired, NotAcquired))
		for l.s.word(wordPlace(lockOwner)).Load()&waiting == 0 {
			fds.Yield()
		}
		holder.Kill()
		waiter.says(fmt.Sprint(Abandoned))
	}
}

// Who can't find out at first who it is does later.
func TestSelfAgain(t *testing.T) {
	child := spawn(t, "scarce self")
	child.says("scarce")
	child.says("known")
}
