package proc

import (
	"os"
	"path/filepath"
)

// takeName gives this process the name of its program for ps, top and pkill,
// which would otherwise find the last element of /proc/self/exe there: "exe".
func takeName() {
	if len(os.Args) == 0 {
		return
	}
	// The kernel cuts it to 15 bytes. Where it can't be written, the name is
	// not worth an error.
	if f, err := os.OpenFile("/proc/self/comm", os.O_WRONLY, 0); err == nil {
		f.WriteString(filepath.Base(os.Args[0]))
		f.Close()
	}
}
