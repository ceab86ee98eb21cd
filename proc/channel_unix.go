//go:build unix

package proc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
	"luaspawn/proc/internal/wire"
)

// channel is one end of the control channel: a stream socket, close-on-exec. One
// goroutine may read while another one writes.
//
// It isn't in the runtime's poller. A thread that the kernel wakes where it waits
// goes on at once; by way of the poller others are woken first, and on the way
// from start() to the first line of a child each of them counts.
type channel struct {
	file *os.File
	conn syscall.RawConn // of file
	fds  []int           // descriptors that came with what was read
	oob  []byte          // where they arrive; made by the first Read
	room []byte          // where small reads go to, likewise
	read []byte          // the part of room that nobody has asked for yet

	// goOn is asked whenever the other end has taken nothing for a second, of what is sent
	// there; nil: always.
	goOn func() bool
}

// readAhead is how much a Read takes at least, so that what fits is one system
// call and not one for each part of a frame.
const readAhead = 16 << 10

// openChannel makes a channel: our end, and the end to be a child's standard
// input.
func openChannel() (ours *channel, theirs *os.File, err error) {
	fds, err := socketpair()
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	second := unix.Timeval{Sec: 1} // for hear, which is all that reads at our end, and for send
	for _, option := range []int{unix.SO_RCVTIMEO, unix.SO_SNDTIMEO} {
		if err := unix.SetsockoptTimeval(fds[0], unix.SOL_SOCKET, option, &second); err != nil {
			unix.Close(fds[0])
			unix.Close(fds[1])
			return nil, nil, os.NewSyscallError("setsockopt", err)
		}
	}
	theirs = os.NewFile(uintptr(fds[1]), "child's control channel")
	if ours, err = newChannel(fds[0]); err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

// newChannel makes a channel of a socket, which it owns from then on.
func newChannel(fd int) (*channel, error) {
	c := &channel{file: os.NewFile(uintptr(fd), "control channel")}
	var err error
	if c.conn, err = c.file.SyscallConn(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// claimChannel takes standard input for the control channel, if that is what it
// is, and puts the null device in its place. If this process is no child, both
// results are nil, and its standard input is as it was.
func claimChannel(nonce string) (*channel, error) {
	const stdin = 0
	var st unix.Stat_t
	if err := unix.Fstat(stdin, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return nil, nil
	}
	hello := make([]byte, wire.HelloSize)
	n, err := peek(stdin, hello)
	// The end of the file is a starter that had no time to say hello. The
	// version, in front of the nonce, is not looked at: a starter of another
	// version deserves to be told.
	if err != nil || n > 0 && string(hello[len(hello)-wire.NonceSize:]) != nonce {
		return nil, nil
	}
	fd, err := unix.FcntlInt(stdin, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	if err := dupOnto(int(null.Fd()), stdin); err != nil {
		return nil, os.NewSyscallError("dup2", err)
	}
	return newChannel(fd)
}

// peek looks at what comes next on a socket, without taking it.
func peek(fd int, b []byte) (n int, err error) {
	for {
		if n, _, err = unix.Recvfrom(fd, b, unix.MSG_PEEK|unix.MSG_WAITALL); err != unix.EINTR {
			return n, err
		}
	}
}

// leadsTo says whose the other end is. Here that makes no difference.
func (c *channel) leadsTo(*os.Process) {}

// Read reads what comes next. Descriptors that come with it are kept, and may be
// some that belong to what will be read later.
func (c *channel) Read(b []byte) (n int, err error) {
	if len(b) == 0 {
		return 0, nil
	}
	if len(c.read) == 0 && len(b) < readAhead {
		if c.room == nil {
			c.room = make([]byte, readAhead)
		}
		if n, err = c.receive(c.room); err != nil {
			return 0, err
		}
		c.read = c.room[:n]
	}
	if len(c.read) > 0 {
		n = copy(b, c.read)
		c.read = c.read[n:]
		return n, nil
	}
	return c.receive(b)
}

// receive reads into b.
func (c *channel) receive(b []byte) (n int, err error) {
	if c.oob == nil {
		c.oob = make([]byte, unix.CmsgSpace(4*wire.MaxFilesPerFrame))
	}
	var passed []int
	var flags int
	if werr := c.conn.Read(func(fd uintptr) bool {
		for {
			if n, passed, flags, err = recvmsg(int(fd), b, c.oob); err != unix.EINTR {
				return true
			}
		}
	}); werr != nil {
		return 0, werr
	}
	switch {
	case err != nil:
		return 0, os.NewSyscallError("recvmsg", err)
	case n == 0:
		return 0, io.EOF
	}
	c.fds = append(c.fds, passed...)
	if flags&unix.MSG_CTRUNC != 0 {
		// Linux closes those for which there is no room, and says only this.
		return 0, fmt.Errorf("passed files: %w", unix.EMFILE)
	}
	return n, nil
}

// waiting reports whether a Read would return at once.
func (c *channel) waiting() (is bool) {
	if len(c.read) > 0 {
		return true
	}
	control(c.file, func(fd int) {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, _ := unix.Poll(p, 0)
		is = n > 0 // an error says nothing
	})
	return is
}

// hear reads one byte at our end. The error is errSilence if there is none for a
// second.
func (c *channel) hear() (byte, error) {
	var b [1]byte
	var n int
	var err error
	if rerr := c.conn.Read(func(fd uintptr) bool {
		for {
			if n, _, err = unix.Recvfrom(int(fd), b[:], 0); err != unix.EINTR {
				return true
			}
		}
	}); rerr != nil {
		return 0, rerr
	}
	switch {
	case err == unix.EAGAIN:
		return 0, errSilence
	case err != nil:
		return 0, os.NewSyscallError("recvfrom", err)
	case n == 0:
		return 0, io.EOF
	}
	return b[0], nil
}

// received returns how many descriptors have come and were not taken.
func (c *channel) received() int { return len(c.fds) }

// takeOnto makes the next descriptor that has come the one of this number.
func (c *channel) takeOnto(number int) error {
	fd := c.fds[0]
	c.fds = c.fds[1:]
	if fd == number {
		_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0)
		return os.NewSyscallError("fcntl", err)
	}
	defer unix.Close(fd)
	return os.NewSyscallError("dup2", dupOnto(fd, number))
}

// takeFile returns the first descriptor that has come, as a file.
func (c *channel) takeFile() *os.File {
	fd := c.fds[0]
	c.fds = c.fds[1:]
	return os.NewFile(uintptr(fd), "passed file")
}

// takeFiles returns the descriptors that have come, as files.
func (c *channel) takeFiles() []*os.File {
	var files []*os.File
	for i, fd := range c.fds {
		files = append(files, os.NewFile(uintptr(fd), "passed file "+strconv.Itoa(i)))
	}
	c.fds = nil
	return files
}

// Write writes b. It returns an error for which peerGone holds, and raises no
// signal, if the other end is closed.
func (c *channel) Write(b []byte) (n int, err error) { return c.send([][]byte{b}, nil) }

// wake writes wire.Wake, if there is room for that.
func (c *channel) wake() {
	control(c.file, func(fd int) { unix.SendmsgN(fd, wire.Wake, nil, nil, sendFlags|unix.MSG_DONTWAIT) })
}

// expect prepares for a large payload of size bytes: with more room for them in the
// kernel the two sides wait for each other less often.
func (c *channel) expect(size int) {
	if size > 128<<10 {
		control(c.file, func(fd int) {
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, min(size, 4<<20)) // or what the system allows
		})
	}
}

// sendFiles writes parts, one behind the other, and with the first byte the
// descriptors of files, at most wire.MaxFilesPerFrame.
func (c *channel) sendFiles(files []*os.File, parts ...[]byte) error {
	if len(files) == 0 {
		_, err := c.send(parts, nil)
		return err
	}
	return fds.Hold(files, make([]int, 0, len(files)), func(numbers []int) error {
		_, err := c.send(parts, unix.UnixRights(numbers...))
		return err
	})
}

// send writes parts, and oob with the first byte. The error is errSilence where goOn says so.
func (c *channel) send(parts [][]byte, oob []byte) (sent int, err error) {
	for {
		for len(parts) > 0 && len(parts[0]) == 0 {
			parts = parts[1:]
		}
		if len(parts) == 0 {
			return sent, nil
		}
		var n int
		if werr := c.conn.Write(func(fd uintptr) bool {
			for {
				if n, err = unix.SendmsgBuffers(int(fd), parts, oob, nil, sendFlags); err != unix.EINTR {
					return true
				}
			}
		}); werr != nil {
			return sent, werr
		}
		switch {
		case err == unix.EAGAIN && c.goOn != nil && !c.goOn():
			return sent, errSilence
		case err == unix.EAGAIN:
			continue
		case err != nil:
			return sent, os.NewSyscallError("sendmsg", err)
		}
		sent += n
		oob = nil
		for n > 0 {
			k := min(n, len(parts[0]))
			n -= k
			if parts[0] = parts[0][k:]; len(parts[0]) == 0 {
				parts = parts[1:]
			}
		}
	}
}

// Close closes this end; the other one reads the end of the file.
func (c *channel) Close() error { return c.file.Close() }

// checkFiles returns an error if files can't be passed to a child.
func checkFiles(files []*os.File) error {
	for i, f := range files {
		if err := fds.Hold([]*os.File{f}, nil, func([]int) error { return nil }); err != nil {
			return fmt.Errorf("file %d: %w", i, err)
		}
	}
	return nil
}

// peerGone reports whether err means that the other end of a channel is closed.
func peerGone(err error) bool {
	return errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET)
}
