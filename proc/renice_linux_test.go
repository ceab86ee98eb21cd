//go:build !portable

package proc_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"luaspawn/proc"
)

// What a child inherits follows the first thread, whatever thread is asked.
func TestRenice(t *testing.T) {
	for _, role := range []string{"renice-unseen", "renice-moved"} {
		if code := join(t, start(t, &proc.Command{Payload: []byte(role), Stdout: os.Stdout})); code != 0 {
			t.Errorf("%s: exit code %d", role, code)
		}
	}
}

// reniced gives threads a priority and says whether a child would inherit it.
func reniced(nice int, threads ...int) (code int) {
	for _, id := range threads {
		if err := unix.Setpriority(unix.PRIO_PROCESS, id, nice); err != nil {
			fmt.Println(err)
			return 2
		}
	}
	if got := proc.InheritedNice(); got != nice {
		fmt.Printf("a child would have %d, the first thread has %d\n", got, nice)
		return 1
	}
	return 0
}

// reniceUnseen asks a thread that has the first one's new priority before anybody has
// seen it, as one has that the first thread has made.
func reniceUnseen(*proc.Self, []byte) int {
	return besideFirst(func() int {
		if code := reniced(3, os.Getpid(), unix.Gettid()); code != 0 {
			return code
		}
		return reniced(4, os.Getpid())
	})
}

// besideFirst runs f on another thread than the first one.
func besideFirst(f func() int) int {
	result := make(chan int)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == os.Getpid() {
			result <- besideFirst(f)
			return
		}
		result <- f()
	}()
	return <-result
}

// reniceMoved asks on a goroutine that the runtime moves from one thread to another.
func reniceMoved(*proc.Self, []byte) int {
	for range 4 { // they end with the process
		go func() {
			for {
				runtime.Gosched()
			}
		}()
	}
	for i := range 2000 {
		if code := reniced(1+i%2, os.Getpid()); code != 0 {
			return code
		}
	}
	return 0
}
