package proc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"luaspawn/proc/internal/fds"
	"luaspawn/proc/internal/wire"
)

// channel is one end of the control channel: here a pipe, which goes one way. What goes
// through it comes in chunks:
//
//	chunk  = files length {file} bytes    8 bytes each, little endian; files: how many
//	file   = handle                       of the child, which has it from us
//	       | zero WSAPROTOCOL_INFOW       a socket, of which the child makes its own
type channel struct {
	file    *os.File
	child   *os.Process // at our end, once there is one
	handles []windows.Handle
	left    uint64 // of the bytes of a chunk

	goOn func() bool // whether to wait on for who doesn't read; not asked: nobody is kept ready here
}

// openChannel makes a channel: our end, and the end to be a child's standard
// input.
func openChannel() (ours *channel, theirs *os.File, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return &channel{file: w}, r, nil
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
	c := &channel{file: os.Stdin}
	os.Stdin, syscall.Stdin = null, syscall.Handle(null.Fd())
	return c, nil
}

// leadsTo says whose the other end is.
func (c *channel) leadsTo(child *os.Process) { c.child = child }

// Read reads what comes next. Handles that come with it are kept.
func (c *channel) Read(b []byte) (n int, err error) {
	for c.left == 0 {
		if err := c.readHead(); err != nil {
			return 0, err
		}
	}
	n, err = c.file.Read(b[:min(uint64(len(b)), c.left)])
	c.left -= uint64(n)
	return n, err
}

// readHead reads what comes before the bytes of a chunk.
func (c *channel) readHead() error {
	var head [16]byte
	if _, err := io.ReadFull(c.file, head[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint64(head[:])
	if n > wire.MaxFilesPerFrame {
		return fmt.Errorf("%w: %d handles", wire.ErrBad, n)
	}
	for range n {
		var value [8]byte
		if _, err := io.ReadFull(c.file, value[:]); err != nil {
			return err
		}
		h := windows.Handle(binary.LittleEndian.Uint64(value[:]))
		if h == 0 {
			var err error
			if h, err = c.readSocket(); err != nil {
				return err
			}
		}
		c.handles = append(c.handles, h)
	}
	c.left = binary.LittleEndian.Uint64(head[8:])
	return nil
}

// readSocket reads what a socket is made of, and makes it.
func (c *channel) readSocket() (windows.Handle, error) {
	var info windows.WSAProtocolInfo
	if _, err := io.ReadFull(c.file, bytesOf(&info)); err != nil {
		return 0, err
	}
	return fds.SocketFrom(&info)
}

func bytesOf(info *windows.WSAProtocolInfo) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(info)), unsafe.Sizeof(*info))
}

// waiting reports whether a Read would return at once. That can't be told here.
func (c *channel) waiting() bool { return false }

// hear reads one byte. Nobody here says one.
func (c *channel) hear() (byte, error) { return 0, errSilence }

// received returns how many descriptors have come and were not taken.
func (c *channel) received() int { return len(c.handles) }

// takeOnto makes the next descriptor that has come the one of this number.
func (c *channel) takeOnto(int) error { return errors.ErrUnsupported }

// takeFile returns the first descriptor that has come, as a file.
func (c *channel) takeFile() *os.File {
	h := c.handles[0]
	c.handles = c.handles[1:]
	return os.NewFile(uintptr(h), "passed file")
}

// takeFiles returns the descriptors that have come, as files.
func (c *channel) takeFiles() []*os.File {
	var files []*os.File
	for i, h := range c.handles {
		files = append(files, os.NewFile(uintptr(h), "passed file "+strconv.Itoa(i)))
	}
	c.handles = nil
	return files
}

// Write writes b. It returns an error for which peerGone holds if the other end
// is closed.
func (c *channel) Write(b []byte) (n int, err error) {
	if err := c.sendFiles(nil, b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// wake writes wire.Wake, if there is room for that. Nobody is kept ready here.
func (c *channel) wake() {}

// expect prepares for a large payload. There is nothing to prepare here.
func (c *channel) expect(int) {}

// sendFiles writes parts, one behind the other, and with the first byte the
// descriptors of files, at most wire.MaxFilesPerFrame.
func (c *channel) sendFiles(files []*os.File, parts ...[]byte) error {
	length := 0
	for _, b := range parts {
		length += len(b)
	}
	if length == 0 && len(files) == 0 {
		return nil
	}
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(files)))
	head = binary.LittleEndian.AppendUint64(head, uint64(length))
	for _, f := range files {
		var err error
		if head, err = c.give(head, f); err != nil {
			return err // what it has got already goes with the child
		}
	}
	for i, b := range append([][]byte{head}, parts...) {
		if i == 1 && len(parts[0]) < 4096 { // with the head
			continue
		}
		if i == 0 && len(parts) > 0 && len(parts[0]) < 4096 {
			b = append(b, parts[0]...)
		}
		if _, err := c.file.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// give gives the child a duplicate of a file, and appends to b what it is to know.
func (c *channel) give(b []byte, f *os.File) (_ []byte, err error) {
	if c.child == nil {
		return nil, errors.ErrUnsupported // there is no child yet
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	cerr := conn.Control(func(ours uintptr) {
		werr := c.child.WithHandle(func(process uintptr) {
			b, err = appendDuplicate(b, windows.Handle(ours), windows.Handle(process), c.child.Pid)
			var code uint32
			if err != nil && windows.GetExitCodeProcess(windows.Handle(process), &code) == nil && code != stillActive {
				err = windows.ERROR_BROKEN_PIPE // to one that has ended nothing can be given
			}
		})
		if werr != nil { // it has been waited for
			err = windows.ERROR_BROKEN_PIPE
		}
	})
	if cerr != nil {
		return nil, os.ErrClosed // the only reason, and not an error that callers can name
	}
	return b, err
}

// appendDuplicate gives a process a duplicate of what h is, and appends what it is to know.
func appendDuplicate(b []byte, h, process windows.Handle, pid int) ([]byte, error) {
	if fds.IsSocket(int(h)) {
		var info windows.WSAProtocolInfo
		if err := windows.WSADuplicateSocket(h, uint32(pid), &info); err != nil {
			return nil, os.NewSyscallError("WSADuplicateSocket", err)
		}
		return append(binary.LittleEndian.AppendUint64(b, 0), bytesOf(&info)...), nil
	}
	var theirs windows.Handle
	if err := windows.DuplicateHandle(windows.CurrentProcess(), h, process, &theirs, 0, false, windows.DUPLICATE_SAME_ACCESS); err != nil {
		return nil, os.NewSyscallError("DuplicateHandle", err)
	}
	return binary.LittleEndian.AppendUint64(b, uint64(theirs)), nil
}

const stillActive = 259 // STATUS_PENDING, the exit code of a process that runs

// Close closes this end; the other one reads the end of the file.
func (c *channel) Close() error { return c.file.Close() }

// checkFiles returns an error if files can't be passed to a child.
func checkFiles(files []*os.File) error {
	for i, f := range files {
		conn, err := f.SyscallConn()
		if err == nil && conn.Control(func(uintptr) {}) != nil {
			err = os.ErrClosed
		}
		if err != nil {
			return fmt.Errorf("file %d: %w", i, err)
		}
	}
	return nil
}

// peerGone reports whether err means that the other end of a channel is closed.
func peerGone(err error) bool {
	return errors.Is(err, windows.ERROR_BROKEN_PIPE) || errors.Is(err, windows.ERROR_NO_DATA)
}
