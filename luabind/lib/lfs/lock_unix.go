//go:build unix

package lfs

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// lockFile locks length bytes of a file from start on, 0: to its end, for reading ('r') or
// writing ('w'), or unlocks them ('u'). It doesn't wait.
func lockFile(f *os.File, mode rune, start, length int64) error {
	kind := map[rune]int16{'r': unix.F_RDLCK, 'w': unix.F_WRLCK, 'u': unix.F_UNLCK}[mode]
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	cerr := conn.Control(func(fd uintptr) {
		err = unix.FcntlFlock(fd, unix.F_SETLK, &unix.Flock_t{Type: kind, Whence: io.SeekStart, Start: start, Len: length})
	})
	if cerr != nil {
		return cerr
	}
	return err
}
