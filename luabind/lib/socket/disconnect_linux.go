package socket

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// disconnectSocket lets a datagram socket have no peer any more.
func disconnectSocket(fd handle) {
	nobody := unix.RawSockaddr{Family: unix.AF_UNSPEC}
	unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&nobody)), unsafe.Sizeof(nobody))
}
