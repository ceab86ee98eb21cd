//go:build unix

package proc

import "os"

// Channel returns our end of the control channel.
func (p *Process) Channel() *os.File { return p.channel.file }
