//go:build portable

package ipc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

// Here the portable code is tested. What kqueue and sysctl are elsewhere is a look at
// /proc, now and then.

// identify returns who has pid now, and whether it has ended and nobody has waited for it.
func identify(pid int) (id identity, zombie bool, err error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false, err
	}
	const afterName = 22 - 3
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) <= afterName {
		return 0, false, fmt.Errorf("ipc: /proc/%d/stat: %q", pid, b)
	}
	start, err := strconv.ParseUint(string(fields[afterName]), 10, 64)
	if err != nil {
		return 0, false, err
	}
	return identity(start<<pidBits | uint64(pid)), fields[0][0] == 'Z' || fields[0][0] == 'X', nil
}

// watched are the processes whose end somebody waits for, each once: a fact about this process.
var watched struct {
	sync.Mutex
	over    map[identity]func()
	looking bool // a goroutine looks
}

const betweenLooks = 5 * time.Millisecond

// A watch calls a function at the end of a process.
type watch struct{}

// begin begins it; alive is false if the process has ended.
func (watch) begin(id identity, over func()) (alive bool, err error) {
	if hasEnded(id) {
		return false, nil
	}
	watched.Lock()
	defer watched.Unlock()
	if watched.over == nil {
		watched.over = map[identity]func(){}
	}
	watched.over[id] = over
	if !watched.looking {
		watched.looking = true
		go lookOut()
	}
	return true, nil
}

func (watch) ended(id identity) bool { return hasEnded(id) }

func (watch) end(id identity) {
	watched.Lock()
	defer watched.Unlock()
	delete(watched.over, id)
}

// lookOut looks as long as there is something to look for.
func lookOut() {
	for {
		time.Sleep(betweenLooks)
		var over []func()
		watched.Lock()
		for id, f := range watched.over {
			if hasEnded(id) {
				over = append(over, f)
				delete(watched.over, id)
			}
		}
		watched.looking = len(watched.over) > 0
		looking := watched.looking
		watched.Unlock()
		for _, f := range over {
			f()
		}
		if !looking {
			return
		}
	}
}
