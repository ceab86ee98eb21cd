//go:build unix

package ipc

import "os"

// appendTo writes b at the end of a file that newAppendFile has made: the kernel finds the end and
// writes there, as one step.
func appendTo(f *os.File, b []byte) error {
	_, err := f.Write(b)
	return err
}
