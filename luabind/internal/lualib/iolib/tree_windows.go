package iolib

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// killTree kills a process, and what it has started, unless it was waited for. The number of a parent
// may be that of another process by now, which is younger than its children then; those that are killed
// are kept open, so that theirs are nobody's.
func killTree(root *os.Process) {
	root.WithHandle(func(uintptr) { killTreeOf(uint32(root.Pid)) }) // while that is open its number is nobody else's
}

func killTreeOf(root uint32) {
	type member struct {
		handle windows.Handle
		began  uint64
	}
	found := map[uint32]member{}
	defer func() {
		for _, m := range found {
			windows.CloseHandle(m.handle)
		}
	}()
	kill := func(pid uint32, parentBegan uint64) bool {
		h, err := windows.OpenProcess(windows.PROCESS_TERMINATE|windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
		if err != nil {
			return false
		}
		var began, exit, kernel, user windows.Filetime
		err = windows.GetProcessTimes(h, &began, &exit, &kernel, &user)
		m := member{h, uint64(began.HighDateTime)<<32 | uint64(began.LowDateTime)}
		if err != nil || m.began < parentBegan {
			windows.CloseHandle(h)
			return false
		}
		found[pid] = m
		windows.TerminateProcess(h, 1)
		return true
	}
	kill(root, 0)
	for again := true; again; {
		again = false
		for pid, parent := range parents() {
			p, ok := found[parent]
			if _, known := found[pid]; ok && !known && kill(pid, p.began) {
				again = true
			}
		}
	}
}

// parents returns those of all processes, which may have ended.
func parents() map[uint32]uint32 {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil
	}
	defer windows.CloseHandle(snapshot)
	all := map[uint32]uint32{}
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		all[entry.ProcessID] = entry.ParentProcessID
	}
	return all
}
