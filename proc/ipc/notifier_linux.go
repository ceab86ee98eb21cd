//go:build !portable

package ipc

import (
	"os"

	"luaspawn/proc/internal/fds"
)

// A waker is an eventfd, whose count only grows. It is the file's.
type waker struct {
	fd   int
	file *os.File
}

// notifierFiles is how many files a notifier is sent as.
const notifierFiles = 1

func newNotifier() (*notifier, error) {
	fd, err := fds.Event(true)
	if err != nil {
		return nil, err
	}
	return openNotifier([]int{fd}), nil
}

// openNotifier takes over the descriptors of one.
func openNotifier(fds []int) *notifier {
	return &notifier{waker: waker{fds[0], os.NewFile(uintptr(fds[0]), "notifier")}}
}

func (w *waker) wakeAll() { fds.Notify(w.fd) }

// files returns what another process opens it by.
func (w *waker) files() ([]*os.File, error) {
	f, err := duplicate(w.fd, "notifier")
	if err != nil {
		return nil, err
	}
	return []*os.File{f}, nil
}

// release gives it back in this process.
func (w *waker) release() { w.file.Close() }
