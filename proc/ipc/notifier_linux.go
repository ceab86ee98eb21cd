//go:build !portable

package ipc

import (
	"os"

	"luaspawn/proc/internal/fds"
)

// A bell is an eventfd, whose count only grows. It is the file's.
type bell struct {
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
	return &notifier{bell: bell{fds[0], os.NewFile(uintptr(fds[0]), "notifier")}}
}

func (b *bell) ring() { fds.Notify(b.fd) }

// files returns what another process opens it by.
func (b *bell) files() ([]*os.File, error) {
	f, err := duplicate(b.fd, "notifier")
	if err != nil {
		return nil, err
	}
	return []*os.File{f}, nil
}

// release gives it back in this process.
func (b *bell) release() { b.file.Close() }
