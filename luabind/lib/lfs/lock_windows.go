package lfs

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile locks length bytes of a file from start on, 0: to its end, for reading ('r') or
// writing ('w'), or unlocks them ('u'). It doesn't wait.
func lockFile(f *os.File, mode rune, start, length int64) error {
	if length <= 0 {
		length = 1<<63 - 1 - start
	}
	at := &windows.Overlapped{Offset: uint32(start), OffsetHigh: uint32(start >> 32)}
	low, high := uint32(length), uint32(length>>32)
	if mode == 'u' {
		return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, low, high, at)
	}
	flags := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if mode == 'w' {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, low, high, at)
}
