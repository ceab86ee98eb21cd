//go:build unix

package draw

import (
	"os/signal"
	"syscall"
)

// survive lets what is larger than files may be an error, and no end of the program.
func survive() { signal.Ignore(syscall.SIGXFSZ) }
