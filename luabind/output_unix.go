//go:build unix

package luabind

import (
	"os"
	"syscall"
)

// tearsWrites says whether a long write to f may be torn by another process's.
// It is so for pipes, where 4,096 bytes (PIPE_BUF) stay together on Linux, and
// for sockets; files and terminals lock themselves.
func tearsWrites(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}

// lockFile waits until no other process holds the lock of f. The kernel drops
// the lock of a process that dies.
func lockFile(f *os.File) error { return setLock(f, syscall.F_WRLCK) }

func unlockFile(f *os.File) error { return setLock(f, syscall.F_UNLCK) }

func setLock(f *os.File, kind int16) error {
	for {
		err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLKW, &syscall.Flock_t{Type: kind})
		if err != syscall.EINTR { // of the runtime's own signals, too
			return err
		}
	}
}
