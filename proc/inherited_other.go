//go:build !linux || portable

package proc

import "os"

// canKeepReady says whether children can be kept ready: whether it can be told
// that one which was made some time ago is what one made now would be.
const canKeepReady = false

// inherited is what a child has from this process without being told.
type inherited struct {
	environ []string
	open    []onto
}

// inherit returns what a child started now would have.
func (*inheritedReader) inherit() *inherited { return &inherited{environ: os.Environ()} }

// An inheritedReader finds out what a child inherits. The zero value is ready.
type inheritedReader struct{}

// close closes what it has opened.
func (*inheritedReader) close() {}

// equal reports whether it makes no difference which of the two a child has.
func (h *inherited) equal(other *inherited) bool { return other != nil }

// memory returns the memory of the machine, in bytes.
func memory() uint64 { return 0 }

// openFiles returns how many descriptors this process may have.
func openFiles() uint64 { return 0 }

// stopped reports whether a process is stopped by a signal.
func stopped(int) bool { return false }
