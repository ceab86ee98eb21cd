package fds

import "os"

// Hold calls use with numbers and the descriptors of files. None of them can be closed, and its
// number reused, before use returns. The error of a file that is closed is os.ErrClosed.
func Hold(files []*os.File, numbers []int, use func(numbers []int) error) (err error) {
	if len(files) == 0 {
		return use(numbers)
	}
	conn, err := files[0].SyscallConn()
	if err != nil {
		return err
	}
	if cerr := conn.Control(func(fd uintptr) {
		err = Hold(files[1:], append(numbers, int(fd)), use)
	}); cerr != nil {
		return os.ErrClosed // the only reason, and not an error that callers can name
	}
	return err
}
