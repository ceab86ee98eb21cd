//go:build unix

package iolib

import "syscall"

// errnoNumber returns the number of an error in C, 0 if it isn't one of C's.
func errnoNumber(e syscall.Errno) int { return int(e) }
