//go:build !linux || portable

package proc

import "runtime"

// yield lets others have the processor that this thread is on.
func yield() { runtime.Gosched() }
