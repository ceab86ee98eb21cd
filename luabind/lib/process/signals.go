package process

import "luaspawn/proc"

// DefaultSignals is for a program that wants it in its main process as it is in
// children: see [proc.DefaultSignals].
func DefaultSignals() { proc.DefaultSignals() }
