//go:build portable

package multiprocessing_test

// portable says whether the tag portable is set: only what macOS has is there.
const portable = true

// pollers is how many a process keeps: the runtime's, and what tells the ends of others.
const pollers = 2
