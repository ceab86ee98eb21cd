//go:build !portable

package proc

import (
	"os"

	"golang.org/x/sys/unix"
)

// executable returns a path to the program that this process runs. The link in
// /proc leads to the file itself, also when another one has taken its name.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if unix.Access(self, unix.X_OK) == nil {
		return self, nil
	}
	return os.Executable()
}
