//go:build !linux

package proc

// tie makes the kernel end this process when the other end of c is closed, and
// reports whether it will do that. Here it can't, and that is left to watchParent.
func tie(c *channel) bool { return false }
