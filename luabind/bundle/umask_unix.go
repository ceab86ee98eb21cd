//go:build unix

package bundle

import (
	"os"
	"syscall"
)

// umask returns the permissions that new files of this process don't get. It is for a program that does
// nothing else meanwhile: for a moment they are none.
func umask() os.FileMode {
	mask := syscall.Umask(0o077)
	syscall.Umask(mask)
	return os.FileMode(mask)
}
