//go:build !windows

package proc

import "os"

// bind lets the system end a daemon with this process. Here the daemon asks for that itself, if it
// can be had: see tie.
func bind(*os.Process) {}
