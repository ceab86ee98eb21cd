//go:build unix

package history

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openLocked opens the file of a history, and waits until no other prompt has it locked.
// The lock ends when the second file is closed.
func openLocked(path string) (f, lock *os.File, err error) {
	f, err = open(path)
	if err != nil {
		return nil, nil, err
	}
	for {
		switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err {
		case nil:
			return f, f, nil
		case unix.EINTR:
		default:
			f.Close()
			return nil, nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}
