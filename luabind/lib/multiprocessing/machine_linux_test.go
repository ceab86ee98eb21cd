package multiprocessing_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"luaspawn/luabind"
	"luaspawn/proc"
)

// luaFiles are the files that TestLua runs.
var luaFiles = []string{"testdata/*.lua"}

// others are what further engines of these tests are made from.
var others = []luabind.Config{confined, rooted}

func kill(pid, signal int) error { return syscall.Kill(pid, syscall.Signal(signal)) }

// stat gives the state and the parent of a process.
func stat(pid int) (state string, parent int, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, false
	}
	// The name stands in parentheses and may hold anything.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	parent, _ = strconv.Atoi(fields[1])
	return fields[0], parent, true
}

func pids() []int {
	var list []int
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		list = append(list, pid)
	}
	return list
}

// childrenOf lists the children of a process, but not those that this one keeps ready.
func childrenOf(parent int) []int {
	is := func(pid int) bool {
		_, p, ok := stat(pid)
		return ok && p == parent
	}
	var list []int
	for _, pid := range pids() {
		if is(pid) && !slices.Contains(proc.Ready(), pid) && is(pid) { // or it was kept ready, and has ended just now
			list = append(list, pid)
		}
	}
	return list
}

// marked lists the processes, this one excepted, that were started with the mark in their environment.
func marked(mark string) []int {
	var list []int
	for _, pid := range pids() {
		environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if pid != os.Getpid() && bytes.Contains(environ, []byte(tempVariable+"="+mark)) {
			list = append(list, pid)
		}
	}
	return list
}

// openDescriptors counts the open descriptors by what they are open on.
func openDescriptors() map[string]int {
	counts := map[string]int{}
	fds, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range fds {
		name, err := os.Readlink("/proc/self/fd/" + fd.Name())
		if err != nil {
			continue // the one that was open on the directory
		}
		if kind, _, ok := strings.Cut(name, ":["); ok && kind != "anon_inode" {
			name = kind // pipe, socket: without the number
		}
		counts[name]++
	}
	return counts
}
