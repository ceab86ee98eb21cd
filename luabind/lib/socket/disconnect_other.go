//go:build unix && !linux

package socket

import "golang.org/x/sys/unix"

// disconnectSocket lets a datagram socket have no peer any more.
func disconnectSocket(fd handle) {
	unix.Connect(int(fd), &unix.SockaddrInet4{}) // fails, and has done it
}
