//go:build unix && (!linux || portable)

package ipc

import (
	"os"

	"golang.org/x/sys/unix"
)

// A waker is a pair of sockets. What is written to one wakes all who sleep at the other,
// since the poller is edge-triggered; nobody needs what is in it. Who finds it full
// empties it first.
type waker struct {
	fd   int      // is written to
	at   int      // the descriptor of file
	file *os.File // is slept at
}

// notifierFiles is how many files a notifier is sent as.
const notifierFiles = 2

func newNotifier() (*notifier, error) {
	pair, err := socketPair(unix.SOCK_STREAM)
	if err != nil {
		return nil, err
	}
	return openNotifier(pair[:]), nil
}

// openNotifier takes over the descriptors of one.
func openNotifier(fds []int) *notifier {
	return &notifier{waker: waker{fds[0], fds[1], os.NewFile(uintptr(fds[1]), "notifier")}}
}

func (w *waker) wakeAll() {
	for {
		switch _, err := unix.Write(w.fd, []byte{1}); err {
		case unix.EINTR:
		case unix.EAGAIN, unix.ENOBUFS:
			w.empty()
		default:
			return
		}
	}
}

// empty takes all that is there.
func (w *waker) empty() {
	var some [4096]byte
	for {
		if n, err := unix.Read(w.at, some[:]); n <= 0 && err != unix.EINTR {
			return
		}
	}
}

// files returns what another process opens it by.
func (w *waker) files() ([]*os.File, error) {
	one, err := duplicate(w.fd, "notifier")
	if err != nil {
		return nil, err
	}
	two, err := duplicate(w.at, "notifier")
	if err != nil {
		one.Close()
		return nil, err
	}
	return []*os.File{one, two}, nil
}

// release gives it back in this process.
func (w *waker) release() {
	w.file.Close()
	unix.Close(w.fd)
}
