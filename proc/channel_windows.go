package proc

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// channel is one end of the control channel: here a pipe, which goes one way.
type channel struct {
	file *os.File
}

// openChannel makes a channel: our end, and the end to be a child's standard
// input.
func openChannel() (ours *channel, theirs *os.File, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return &channel{w}, r, nil
}

// claimChannel takes standard input for the control channel, if that is what it
// is, and puts the null device in its place. If this process is no child, both
// results are nil, and its standard input is as it was. A pipe can't be looked
// into without taking from it, so here that is decided by its being a pipe.
func claimChannel(nonce string) (*channel, error) {
	stdin := windows.Handle(os.Stdin.Fd())
	if kind, err := windows.GetFileType(stdin); err != nil || kind != windows.FILE_TYPE_PIPE {
		return nil, nil
	}
	if err := windows.SetHandleInformation(stdin, windows.HANDLE_FLAG_INHERIT, 0); err != nil {
		return nil, os.NewSyscallError("SetHandleInformation", err)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	if err := windows.SetStdHandle(windows.STD_INPUT_HANDLE, windows.Handle(null.Fd())); err != nil {
		return nil, os.NewSyscallError("SetStdHandle", err)
	}
	c := &channel{os.Stdin}
	os.Stdin, syscall.Stdin = null, syscall.Handle(null.Fd())
	return c, nil
}

// Read reads what comes next.
func (c *channel) Read(b []byte) (n int, err error) { return c.file.Read(b) }

// waiting reports whether a Read would return at once. That can't be told here.
func (c *channel) waiting() bool { return false }

// hear reads one byte. Nobody here says one.
func (c *channel) hear() (byte, error) { return 0, errSilence }

// received returns how many descriptors have come and were not taken.
func (c *channel) received() int { return 0 }

// takeOnto makes the next descriptor that has come the one of this number.
func (c *channel) takeOnto(int) error { return errors.ErrUnsupported }

// takeFile returns the first descriptor that has come, as a file.
func (c *channel) takeFile() *os.File { return nil }

// takeFiles returns the descriptors that have come, as files.
func (c *channel) takeFiles() []*os.File { return nil }

// Write writes b. It returns an error for which peerGone holds if the other end
// is closed.
func (c *channel) Write(b []byte) (n int, err error) { return c.file.Write(b) }

// wake writes wire.Wake, if there is room for that. Nobody is kept ready here.
func (c *channel) wake() {}

// expect prepares for a large payload. There is nothing to prepare here.
func (c *channel) expect(int) {}

// sendFiles writes parts, one behind the other, and with the first byte the
// descriptors of files, which can't be any here.
func (c *channel) sendFiles(files []*os.File, parts ...[]byte) error {
	if err := checkFiles(files); err != nil {
		return err
	}
	for _, b := range parts {
		if _, err := c.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// Close closes this end; the other one reads the end of the file.
func (c *channel) Close() error { return c.file.Close() }

// checkFiles returns an error if files can't be passed to a child.
func checkFiles(files []*os.File) error {
	if len(files) > 0 {
		return fmt.Errorf("passing files is not supported on windows: %w", errors.ErrUnsupported)
	}
	return nil
}

// peerGone reports whether err means that the other end of a channel is closed.
func peerGone(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}
