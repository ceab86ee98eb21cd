package ipc

import "os"

// dupFile returns a duplicate of f.
func dupFile(f *os.File) (d *os.File, err error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	cerr := conn.Control(func(fd uintptr) { d, err = duplicate(int(fd), f.Name()) })
	if cerr != nil {
		return nil, cerr
	}
	return d, err
}

// hold calls use with fds and the descriptors of files. None of them can be
// closed, and its number reused, before use returns.
func hold(files []*os.File, fds []int, use func(fds []int) error) (err error) {
	if len(files) == 0 {
		return use(fds)
	}
	conn, err := files[0].SyscallConn()
	if err != nil {
		return err
	}
	if cerr := conn.Control(func(fd uintptr) {
		err = hold(files[1:], append(fds, int(fd)), use)
	}); cerr != nil {
		return cerr
	}
	return err
}
