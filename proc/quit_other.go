//go:build !linux || portable || !(amd64 || arm64)

package proc

import "errors"

// CatchQuit lets SIGQUIT end this process no more. Here it does nothing.
func CatchQuit() {}

// OnQuit lets f be called for each SIGQUIT. Here there are none.
func OnQuit(func()) error { return errors.ErrUnsupported }

// SendQuit sends SIGQUIT to a process that has called CatchQuit.
func SendQuit(int) {}
