package iolib

import "syscall"

// cpuTime returns how many seconds of processor time this process has used.
func cpuTime() float64 {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return -1
	}
	var created, exited, kernel, user syscall.Filetime
	if syscall.GetProcessTimes(self, &created, &exited, &kernel, &user) != nil {
		return -1
	}
	ticks := func(t syscall.Filetime) float64 { // of 100 ns
		return float64(uint64(t.HighDateTime)<<32 | uint64(t.LowDateTime))
	}
	return (ticks(kernel) + ticks(user)) / 1e7
}
