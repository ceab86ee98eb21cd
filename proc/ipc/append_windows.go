package ipc

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/windows"
)

// appending is for the goroutines of this process, which have one lock of a file together.
var appending sync.Mutex

// appendTo writes b at the end of a file that newAppendFile has made. To find the end and write
// there is one step on Windows, but not under Wine. The lock of a process that dies is free.
func appendTo(f *os.File, b []byte) error {
	appending.Lock()
	defer appending.Unlock()
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	cerr := conn.Control(func(fd uintptr) {
		h, beyond := windows.Handle(fd), &windows.Overlapped{OffsetHigh: 1 << 30} // where nobody writes
		if err = windows.LockFileEx(h, windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, beyond); err != nil {
			err = os.NewSyscallError("LockFileEx", err)
			return
		}
		var n uint32
		err = os.NewSyscallError("WriteFile", windows.WriteFile(h, b, &n, nil))
		windows.UnlockFileEx(h, 0, 1, 0, beyond)
	})
	return errors.Join(cerr, err)
}
