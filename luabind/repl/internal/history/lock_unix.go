//go:build unix

package history

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openLocked opens the file of a history, and waits until no other prompt has it locked, see tries.
// The lock ends when the second file is closed.
func openLocked(path string) (f, lock *os.File, err error) {
	f, err = open(path)
	if err != nil {
		return nil, nil, err
	}
	err = try(func() (bool, error) {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		return err == unix.EWOULDBLOCK || err == unix.EINTR, err
	})
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f, f, nil
}
