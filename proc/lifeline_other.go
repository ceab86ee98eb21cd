//go:build !linux || portable

package proc

import "luaspawn/proc/internal/ends"

// tie makes the kernel end this process when the other end of c is closed, and
// reports whether it will do that. Here it can't, and that is left to watchParent.
func tie(c *channel) bool { return false }

// atEndOf calls f when the process that has pid now has ended, and reports whether it will.
// It is told by the system, whoever else has got an end of the channel by mistake.
func atEndOf(pid int, f func()) bool {
	_, alive, err := ends.Begin(pid, f)
	return alive && err == nil
}
