//go:build darwin || (linux && portable)

package ipc

import (
	"os"

	"golang.org/x/sys/unix"
)

const pidBits = 22

func (id identity) pid() int { return int(id & (1<<pidBits - 1)) }

func identifyMyself() (id identity, namespace uint64, err error) {
	id, _, err = identify(os.Getpid())
	return id, 1, err
}

// hasEnded says whether a process has ended, as far as that can be seen.
func hasEnded(id identity) bool {
	now, zombie, err := identify(id.pid())
	if err != nil {
		return unix.Kill(id.pid(), 0) == unix.ESRCH
	}
	return now != id || zombie
}
