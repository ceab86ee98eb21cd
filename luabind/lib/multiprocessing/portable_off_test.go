//go:build !portable

package multiprocessing_test

// portable says whether the tag portable is set: only what macOS has is there.
const portable = false

// pollers is how many a process keeps: the runtime's.
const pollers = 1
