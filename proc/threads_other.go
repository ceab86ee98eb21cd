//go:build !linux || portable

package proc

// scarceThreads reports whether threads are scarce. That can't be told here.
func scarceThreads() bool { return false }

const toRun, toStart = 0, 0

// makeThreads returns an error if this process can't have the threads that it may need.
func makeThreads(int) error { return nil }
