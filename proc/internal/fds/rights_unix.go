//go:build unix

package fds

import (
	"os"

	"golang.org/x/sys/unix"
)

// Rights returns the descriptors that have come with control messages.
func Rights(oob []byte) (passed []int, err error) {
	if len(oob) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, os.NewSyscallError("recvmsg", err)
	}
	for i := range messages {
		some, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			continue // nothing of ours
		}
		passed = append(passed, some...)
	}
	return passed, nil
}
