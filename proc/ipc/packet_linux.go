//go:build !portable

package ipc

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// Packets go through a pair of sockets that keep them apart: a packet is sent as
// a whole or not at all, with its files.

// packetPair returns a pair of connected sockets. They are blocking ones, for
// recvPacket, and stay so wherever they are sent.
func packetPair() (a, b int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, -1, os.NewSyscallError("socketpair", err)
	}
	within := unix.NsecToTimeval(int64(maxBlock))
	for _, fd := range fds {
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &within); err != nil {
			unix.Close(fds[0])
			unix.Close(fds[1])
			return -1, -1, os.NewSyscallError("setsockopt", err)
		}
	}
	return fds[0], fds[1], nil
}

// sendPacket sends b and duplicates of files. It returns false where it would
// have to wait.
func sendPacket(fd int, b []byte, files []*os.File) (sent bool, err error) {
	err = fds.Hold(files, nil, func(numbers []int) error {
		var oob []byte
		if len(numbers) > 0 {
			oob = unix.UnixRights(numbers...)
		}
		for {
			_, err := unix.SendmsgN(fd, b, oob, nil, unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
			switch err {
			case unix.EINTR:
			case unix.EAGAIN:
				return nil
			case unix.ETOOMANYREFS:
				return ErrInFlight
			default:
				sent = err == nil
				return os.NewSyscallError("sendmsg", err)
			}
		}
	})
	return sent, err
}

// roomForFiles is how many bytes the descriptors of a packet take at most.
func roomForFiles() int { return unix.CmsgSpace(4 * MaxFiles) }

// recvPacket receives a packet; oob is room for its files. Where there is none, n
// is -1; at the end it is 0. With block set it holds a thread until there is one,
// not longer than maxBlock. The error is a RoomError where this process has no room for
// its files.
func recvPacket(fd int, b, oob []byte, block bool) (n int, files []*os.File, err error) {
	flags := unix.MSG_DONTWAIT
	if block {
		flags = 0
	}
	if plenty() {
		return receive(fd, b, oob, flags)
	}
	// What there is no room for is lost when a packet is received. So those that bring
	// files are looked at before: without room for any, the kernel says whether there are some.
	_, _, got, err := recvmsg(fd, nil, nil, flags|unix.MSG_PEEK)
	if got&unix.MSG_CTRUNC != 0 {
		_, some, err := receive(fd, make([]byte, 1), oob, unix.MSG_DONTWAIT|unix.MSG_PEEK)
		closeAll(some)
		if err != nil {
			return -1, nil, &RoomError{err}
		}
	}
	if err == unix.EAGAIN || err == unix.EINTR {
		return -1, nil, nil
	}
	return receive(fd, b, oob, unix.MSG_DONTWAIT) // another process may have been faster
}

// plentyUntil is a fact about this process: when to look again whether it has plenty
// of free descriptors, in nanoseconds since 1970.
var plentyUntil atomic.Int64

// plenty reports whether there were room for the files of two packets a moment ago: to
// look takes a tenth of what it takes to receive a packet. Free numbers are taken from below, so
// where one near the limit is free, all above are, most likely.
func plenty() bool {
	const moment = 10 * time.Millisecond
	now := time.Now().UnixNano()
	if now < plentyUntil.Load() {
		return true
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil || limit.Cur < 3*MaxFiles {
		return false
	}
	_, err := unix.FcntlInt(uintptr(min(limit.Cur, 1<<30))-2*MaxFiles, unix.F_GETFD, 0)
	if err != unix.EBADF {
		return false
	}
	plentyUntil.Store(now + int64(moment))
	return true
}

// peekPacket looks at the next packet, which stays there, and returns duplicates
// of its files. Where there is none, n is -1.
func peekPacket(fd int, b []byte) (n int, files []*os.File, err error) {
	return receive(fd, b, make([]byte, roomForFiles()), unix.MSG_PEEK|unix.MSG_DONTWAIT)
}

func receive(fd int, b, oob []byte, flags int) (n int, files []*os.File, err error) {
	n, oobn, got, err := recvmsg(fd, b, oob, flags)
	switch {
	case err == unix.EAGAIN, err == unix.EINTR:
		return -1, nil, nil
	case err != nil:
		return -1, nil, os.NewSyscallError("recvmsg", err)
	}
	if oobn > 0 {
		if files, err = filesOf(oob[:oobn]); err != nil {
			return -1, nil, err
		}
	}
	if got&unix.MSG_CTRUNC != 0 { // there was no room for them in this process
		closeAll(files)
		return -1, nil, os.NewSyscallError("recvmsg", unix.EMFILE)
	}
	return n, files, nil
}

func recvmsg(fd int, b, oob []byte, flags int) (n, oobn, got int, err error) {
	for {
		n, oobn, got, _, err = unix.Recvmsg(fd, b, oob, flags|unix.MSG_CMSG_CLOEXEC)
		if err != unix.EINTR || flags&unix.MSG_DONTWAIT == 0 {
			return n, oobn, got, err
		}
	}
}

func filesOf(oob []byte) (files []*os.File, err error) {
	passed, err := fds.Rights(oob)
	for i, fd := range passed {
		files = append(files, os.NewFile(uintptr(fd), "passed file "+strconv.Itoa(i)))
	}
	return files, err
}

// dropPacket throws the next packet away, and reports whether there was one.
func dropPacket(fd int) bool {
	for {
		// Without room for control messages the kernel closes the files.
		_, _, _, _, err := unix.Recvmsg(fd, make([]byte, 1), nil, unix.MSG_TRUNC|unix.MSG_DONTWAIT)
		if err != unix.EINTR {
			return err == nil
		}
	}
}

// readable says whether there is something to be read, or the end. With block set
// it holds a thread until there is, not longer than maxBlock.
func readable(fd int, block bool) (bool, error) {
	if block {
		return poll(fd, unix.POLLIN, maxBlock)
	}
	return poll(fd, unix.POLLIN, 0)
}

func poll(fd int, events int16, within time.Duration) (bool, error) {
	polled := []unix.PollFd{{Fd: int32(fd), Events: events}}
	for {
		n, err := unix.Poll(polled, int(within.Milliseconds()))
		if err == unix.EINTR {
			within = 0
			continue
		}
		if err == nil && polled[0].Revents&unix.POLLNVAL != 0 {
			err = unix.EBADF
		}
		return n > 0, os.NewSyscallError("poll", err)
	}
}

// park returns when fd can be read, or written, or has an error, or with the error
// of ctx. It holds no thread, but where the process is out of descriptors. It may
// return early.
//
// An epoll instance is what is in the runtime's poller, and only for that time: a
// socket there wakes the poller's thread for whatever comes and goes.
func park(ctx context.Context, fd int, write bool) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN}
	if write {
		event.Events = unix.EPOLLOUT
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err == unix.EMFILE || err == unix.ENFILE {
		_, err := poll(fd, int16(event.Events), maxBlock) // the same bits
		return err
	}
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	unix.SetNonblock(epoll, true) // by which NewFile puts it into the poller
	file := os.NewFile(uintptr(epoll), "epoll")
	defer file.Close()
	if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		return os.NewSyscallError("epoll_ctl", err)
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	happened := make([]unix.EpollEvent, 1)
	err = conn.Read(func(uintptr) bool {
		n, _ := unix.EpollWait(epoll, happened, 0)
		return n != 0
	})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ctx.Err()
	}
	return err
}

// bodyFile returns a memfd that holds data.
func bodyFile(data []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("luaspawn message", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	m := memory{fd: fd}
	if err := m.pwrite(data, 0); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "message"), nil
}

// readBody reads what bodyFile or a Body wrote, from a place on. A file that is shorter than it should be
// costs no memory; one that is longer was used before.
func readBody(f *os.File, from, size uint64) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if whole := uint64(max(0, info.Size())); whole < from || whole-from < size {
		return nil, ErrBad
	}
	data := make([]byte, size)
	adviseHuge(data)
	if _, err := f.ReadAt(data, int64(from)); err != nil {
		return nil, err
	}
	return data, nil
}

// adviseHuge says that memory may come in huge pages. 64 MiB were read in 60 ms of processor time so, and in
// 120 to 210 ms in small ones, on a virtual machine with 2 cores. The advice stays, so it is for all that the
// runtime puts there later.
func adviseHuge(b []byte) {
	const huge, worth = 2 << 20, 8 << 20 // where pages are of another size it brings less
	if len(b) < worth {
		return
	}
	before := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (huge - 1))
	b = b[before:]
	unix.Madvise(b[:len(b)&^(huge-1)], unix.MADV_HUGEPAGE)
}

func mapBody(f *os.File, size int) (data []byte, err error) {
	err = fds.Hold([]*os.File{f}, nil, func(numbers []int) (err error) {
		data, err = unix.Mmap(numbers[0], 0, size, unix.PROT_READ, unix.MAP_SHARED)
		return os.NewSyscallError("mmap", err)
	})
	return data, err
}

func unmapBody(data []byte) { unix.Munmap(data) }
