//go:build unix

package ipc

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

// threads returns how many threads this process has; 0 where the system doesn't say.
func threads() int {
	list, _ := os.ReadDir("/proc/self/task")
	return len(list)
}

// crowdQueue puts items until the system takes no more of a user's descriptors.
func crowdQueue() int {
	q := must(NewQueue(0, false)) // whose file may be where nobody else may write
	if os.Getuid() == 0 {
		check(syscall.Setuid(65534)) // root may have any number on their way
	}
	check(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 100, Max: 100}))
	null := must(os.Open(os.DevNull))
	for n := 0; ; n++ {
		ok, err := q.Put(background, Forever, number(n), []*os.File{null})
		if err == nil && ok {
			continue
		}
		fmt.Println(ok, err)
		for range n {
			data, files, ok, err := q.Get(background, 0)
			if closeAll(files); !ok || err != nil || len(data) != 4 || len(files) != 1 {
				fmt.Println(data, len(files), ok, err)
			}
		}
		fmt.Println(q.Put(background, 0, nil, []*os.File{null}))
		return 0
	}
}

// The system's own limit is an error, and the items before it are there.
func TestQueueInFlight(t *testing.T) {
	c := spawn(t, "queue crowd")
	c.says(fmt.Sprint(false, " ", ErrInFlight))
	c.says(fmt.Sprint(true, " ", nil))
}
