//go:build unix

package iolib

import "syscall"

// namesDirectories says that the system itself calls a directory one, when it is read.
const namesDirectories = true

// strerror returns what C's strerror says of an error, and its number in C; 0: it isn't one of C's.
func strerror(e syscall.Errno) (text string, number int) { return capital(e.Error()), int(e) }
