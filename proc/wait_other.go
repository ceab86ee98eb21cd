//go:build !linux || portable

package proc

import (
	"os"
	"syscall"

	"luaspawn/proc/internal/ends"
)

// endWatch learns when a process can be waited for without blocking: on Windows it
// never does, and a thread is held by os.Process.Wait.
type endWatch struct{}

// watchEnd prepares attr for a start. The endWatch is good once that succeeded.
func watchEnd(attr *os.ProcAttr) *endWatch {
	attr.Sys = new(syscall.SysProcAttr)
	return &endWatch{}
}

// wait returns when the child has ended, or at once if it has no way to know:
// os.Process.Wait, which comes next, is right in both cases.
func (w *endWatch) wait(child *os.Process) {
	ended := make(chan struct{})
	if _, alive, err := ends.Begin(child.Pid, func() { close(ended) }); alive && err == nil {
		<-ended
	}
}
