package relay

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

const (
	usualPipe = 64 << 10 // bytes that a pipe holds
	widePipe  = 1 << 20  // what it may hold for anybody, see fs.pipe-max-size
	maxIovecs = 64       // at a time; the kernel takes 1024
)

// widen gives a pipe much room, since each time that it is full costs two switches between processes. It is called only when there
// is much to write: the kernel limits the memory of all pipes of a user.
func widen(w io.Writer) {
	if f, ok := w.(*os.File); ok {
		control(f, func(fd uintptr) { unix.FcntlInt(fd, unix.F_SETPIPE_SZ, widePipe) })
	}
}

func control(f *os.File, do func(fd uintptr)) {
	if c, err := f.SyscallConn(); err == nil {
		c.Control(do)
	}
}

// writeAll writes a list with as few calls as possible, so that the reader is woken less often.
func writeAll(w io.Writer, list [][]byte) error {
	f, ok := w.(*os.File)
	if !ok || len(list) == 1 {
		return writeEach(w, list)
	}
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	for len(list) > 0 {
		n, failed := 0, error(nil)
		err := c.Write(func(fd uintptr) bool {
			for {
				n, failed = unix.Writev(int(fd), list[:min(len(list), maxIovecs)])
				if failed != unix.EINTR {
					return failed != unix.EAGAIN
				}
			}
		})
		if err == nil && failed != nil {
			err = os.NewSyscallError("writev", failed)
		}
		if err != nil {
			return err
		}
		for len(list) > 0 && n >= len(list[0]) {
			n -= len(list[0])
			list = list[1:]
		}
		if len(list) > 0 {
			list[0] = list[0][n:]
		}
	}
	return nil
}
