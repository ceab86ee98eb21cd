//go:build !linux || portable

package proc

import "os"

// executable returns a path to the program that this process runs. It may lead
// elsewhere when another file has taken its name.
func executable() (string, error) { return os.Executable() }
