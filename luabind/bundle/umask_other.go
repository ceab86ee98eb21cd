//go:build !unix

package bundle

import "os"

// umask returns the permissions that new files of this process don't get.
func umask() os.FileMode { return 0 }
