//go:build !portable

package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// firstWords are what a child writes before it has its job, into a memfd: until then
// its streams are not those of the job. What the Go runtime says of a child that
// doesn't come so far is told by the error of Start.
type firstWords struct{ file *os.File }

// listen makes what the first words go to.
func listen() (*firstWords, error) {
	fd, err := unix.MemfdCreate("luaspawn first words", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return &firstWords{os.NewFile(uintptr(fd), "first words")}, nil
}

// pass writes what a child has said that came so far.
func (w *firstWords) pass(to *os.File) {
	if b := w.read(); len(b) > 0 {
		to.Write(b)
	}
}

func (w *firstWords) read() []byte {
	info, err := w.file.Stat()
	if err != nil || info.Size() == 0 {
		return nil
	}
	b := make([]byte, min(info.Size(), 1<<20))
	n, _ := w.file.ReadAt(b, 0)
	return b[:n]
}

// reason returns why a child ended with code before it had its job. Nil: somebody has
// killed it.
func (w *firstWords) reason(code int) error {
	words := w.read()
	text := strings.ToLower(string(words))
	switch {
	case strings.Contains(text, "failed to create new os thread"), // the Go runtime's words
		strings.Contains(text, "pthread_create failed"), // cgo's
		strings.Contains(text, syscall.EAGAIN.Error()):
		return errThreads
	case strings.Contains(text, syscall.EMFILE.Error()):
		return fmt.Errorf("in the child: %w", syscall.EMFILE)
	case len(words) > 0:
		first, _, _ := bytes.Cut(words, []byte("\n"))
		return fmt.Errorf("the child ended with %d before it had its job: %s", code, first)
	case code < 0:
		return nil
	}
	return errors.New("the child ended before it had its job")
}

func (w *firstWords) close() { w.file.Close() }
