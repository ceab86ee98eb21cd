package proc_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"luaspawn/proc"
)

// process is what /proc says of one.
type process struct {
	pid   int
	state string // T is stopped, Z a zombie
}

// ownProcesses returns the processes whose parent is this one, zombies too, but
// not those that are kept ready.
func ownProcesses() []process {
	var list []process
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		// pid (name) state ppid ...; the name may hold anything.
		b, _ := os.ReadFile(name)
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if len(f) < 2 || f[1] != strconv.Itoa(os.Getpid()) {
			continue
		}
		pid, _ := strconv.Atoi(strings.Split(name, "/")[2])
		if slices.Contains(proc.Ready(), pid) {
			continue
		}
		if _, err := os.Stat(name); err != nil { // it was kept ready, and has ended just now
			continue
		}
		list = append(list, process{pid, f[0]})
	}
	return list
}

// stopSelf stops this process until somebody continues it.
func stopSelf() { syscall.Kill(os.Getpid(), syscall.SIGSTOP) }
