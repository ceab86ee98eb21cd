//go:build !linux

package proc

// tie makes the kernel end this process when the other end of c is closed, if
// it can do that. Here it can't, and that is left to watchParent.
func tie(c *channel) {}
