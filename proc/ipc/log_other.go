//go:build !linux

package ipc

import "os"

// newAppendFile would return a file in memory to which all processes append.
func newAppendFile() (*os.File, error) { return nil, ErrUnsupported }

// dupFile would return a duplicate of f.
func dupFile(*os.File) (*os.File, error) { return nil, ErrUnsupported }
