//go:build unix

package ipc

import "os"

// A courier is the ends of the socket pair.
type courier struct{ send, recv int }

// courierFiles is how many files a courier is sent as.
const courierFiles = 2

// openCourier takes over the files of one.
func openCourier(files []*os.File) (courier, error) {
	send, err := takeDescriptor(files[0])
	if err != nil {
		files[1].Close()
		return courier{}, err
	}
	recv, err := takeDescriptor(files[1])
	if err != nil {
		closeDescriptor(send)
		return courier{}, err
	}
	return courier{send, recv}, nil
}

// duplicates returns what another process opens it by.
func (c courier) duplicates() (files []*os.File, err error) {
	for _, fd := range []int{c.send, c.recv} {
		f, err := duplicate(fd, "files of a queue")
		if err != nil {
			closeAll(files)
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func (c courier) close() {
	closeDescriptor(c.send)
	closeDescriptor(c.recv)
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
