package history

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// openLocked opens the file of a history, and waits until no other prompt has it locked, see tries.
// The lock ends when the second file is closed. Nobody has the first one open without the
// lock, so that another can take its place.
func openLocked(path string) (f, lock *os.File, err error) {
	lock, err = open(path + ".lock")
	if err != nil {
		return nil, nil, err
	}
	err = try(func() (bool, error) {
		const mode = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
		err := windows.LockFileEx(windows.Handle(lock.Fd()), mode, 0, 1, 0, new(windows.Overlapped))
		return err == windows.ERROR_LOCK_VIOLATION, err
	})
	if err != nil {
		lock.Close()
		return nil, nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if f, err = open(path); err != nil {
		lock.Close()
		return nil, nil, err
	}
	return f, lock, nil
}
