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

// labelSize is how many bytes an item has for each of its files. Here they are found by its ticket.
const labelSize = 0

// shipped says that the item whose files were shipped exists, within the same change.
func (q *Queue) shipped(boxed bool) {
	if boxed {
		q.s.addState(qBoxed, 1)
	}
}
