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
