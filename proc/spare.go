package proc

import "sync"

// exempt has the processes that EndAll leaves alone.
var exempt sync.Map // pid -> true

// Spare lets [EndAll] neither signal nor wait for a child that serves this process, and ends by itself when this process has. The
// caller calls forget when the child has ended.
func Spare(pid int) (forget func()) {
	exempt.Store(pid, true)
	return func() { exempt.Delete(pid) }
}
