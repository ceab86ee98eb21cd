//go:build unix && (!linux || portable)

package ipc

import (
	"os"

	"luaspawn/proc/internal/fds"
)

// newAppendFile returns a file without a name of so many bytes to which all processes append.
func newAppendFile(size int64) (*os.File, error) {
	fd, err := fds.Memory("log", 0, true)
	if err != nil {
		return nil, err
	}
	return appended(fd, size)
}
