//go:build !unix && !windows

package lfs

import "os"

// lockFile locks length bytes of a file from start on, 0: to its end, for reading ('r') or
// writing ('w'), or unlocks them ('u'). It doesn't wait.
func lockFile(*os.File, rune, int64, int64) error { return errNotSupported }
