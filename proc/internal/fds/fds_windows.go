package fds

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Here a descriptor is a handle.

// Memory returns a file of this size that is deleted when its last handle is closed.
func Memory(name string, size int64, grows bool) (int, error) {
	for {
		path := filepath.Join(os.TempDir(), fmt.Sprintf("%s-%016x", name, rand.Uint64()))
		p, err := windows.UTF16PtrFromString(path)
		if err != nil {
			return -1, err
		}
		h, err := windows.CreateFile(p, windows.GENERIC_READ|windows.GENERIC_WRITE,
			windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil,
			windows.CREATE_NEW, windows.FILE_ATTRIBUTE_TEMPORARY|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
		if errors.Is(err, windows.ERROR_FILE_EXISTS) {
			continue
		}
		if err != nil {
			return -1, &os.PathError{Op: "CreateFile", Path: path, Err: err}
		}
		if err := Extend(int(h), size); err != nil {
			windows.CloseHandle(h)
			return -1, err
		}
		return int(h), nil
	}
}

// Extend makes a file size bytes long. All of it has its place on the disk then.
func Extend(fd int, size int64) error {
	return os.NewSyscallError("SetFileInformationByHandle", windows.SetFileInformationByHandle(windows.Handle(fd),
		windows.FileEndOfFileInfo, (*byte)(unsafe.Pointer(&size)), uint32(unsafe.Sizeof(size))))
}

// mapUnit divides the offset of each part of a file that can be mapped.
const mapUnit = 64 << 10

// Map maps a part of a file for reading and writing. It returns that part, and the mapping for
// Unmap.
func Map(fd int, at, size int64) (part, all []byte, err error) {
	before := at % mapUnit
	end := uint64(at + size)
	m, err := windows.CreateFileMapping(windows.Handle(fd), nil, windows.PAGE_READWRITE, uint32(end>>32), uint32(end), nil)
	if err != nil {
		return nil, nil, os.NewSyscallError("CreateFileMapping", err)
	}
	defer windows.CloseHandle(m) // what is mapped keeps it
	from := uint64(at - before)
	address, err := windows.MapViewOfFile(m, windows.FILE_MAP_READ|windows.FILE_MAP_WRITE, uint32(from>>32), uint32(from), uintptr(size+before))
	if err != nil {
		return nil, nil, os.NewSyscallError("MapViewOfFile", err)
	}
	all = unsafe.Slice(*(**byte)(unsafe.Pointer(&address)), size+before)
	return all[before:], all, nil
}

// Unmap removes a mapping that Map has made.
func Unmap(all []byte) { windows.UnmapViewOfFile(uintptr(unsafe.Pointer(unsafe.SliceData(all)))) }

// Duplicate returns a duplicate of a handle.
func Duplicate(fd int) (int, error) {
	var h windows.Handle
	me := windows.CurrentProcess()
	if err := windows.DuplicateHandle(me, windows.Handle(fd), me, &h, 0, false, windows.DUPLICATE_SAME_ACCESS); err != nil {
		return -1, os.NewSyscallError("DuplicateHandle", err)
	}
	return int(h), nil
}

// IsSocket reports whether a handle is a socket.
func IsSocket(fd int) bool {
	h := windows.Handle(fd)
	if kind, err := windows.GetFileType(h); err != nil || kind != windows.FILE_TYPE_PIPE {
		return false
	}
	const soType = 0x1008
	_, err := windows.GetsockoptInt(h, windows.SOL_SOCKET, soType)
	return err == nil
}

// SocketFrom opens a socket by the description that WSADuplicateSocket has made of it.
func SocketFrom(info *windows.WSAProtocolInfo) (windows.Handle, error) {
	var data windows.WSAData
	if err := windows.WSAStartup(0x202, &data); err != nil { // counted; never undone
		return 0, os.NewSyscallError("WSAStartup", err)
	}
	const given = -1 // FROM_PROTOCOL_INFO
	h, err := windows.WSASocket(given, given, given, info, 0, windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
	return h, os.NewSyscallError("WSASocket", err)
}

// Events of WSAPoll.
const (
	readable = 0x300 // POLLIN
	writable = 0x10  // POLLOUT
	none     = 0x4   // POLLNVAL
)

// BetweenLooks is how long a wait for a socket looks at nothing else: WSAPoll waits for sockets only, and holds a thread.
const BetweenLooks = 10 * time.Millisecond

// AwaitSocket returns when a socket can be read from, is at its end, or has a connection to accept, or
// with the error of ctx.
func AwaitSocket(ctx context.Context, fd int) error { return awaitSocket(ctx, fd, readable) }

// AwaitRoom returns when a socket can be written to, or with the error of ctx.
func AwaitRoom(ctx context.Context, fd int) error { return awaitSocket(ctx, fd, writable) }

func awaitSocket(ctx context.Context, fd int, events int16) error {
	for wait := time.Duration(0); ; wait = BetweenLooks {
		if ready, err := poll(fd, events, wait); ready || err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Readable reports whether AwaitSocket would return within a time.
func Readable(fd int, within time.Duration) (bool, error) { return poll(fd, readable, within) }

func poll(fd int, events int16, within time.Duration) (bool, error) {
	polled := struct {
		fd              uintptr
		events, happens int16
	}{fd: uintptr(fd), events: events}
	n, _, err := wsaPoll.Call(uintptr(unsafe.Pointer(&polled)), 1, uintptr(within/time.Millisecond))
	switch {
	case int32(n) < 0:
		return false, os.NewSyscallError("WSAPoll", err)
	case polled.happens&none != 0:
		return false, fmt.Errorf("only sockets can be waited for: %w", errors.ErrUnsupported)
	}
	return n > 0, nil
}

var wsaPoll = windows.NewLazySystemDLL("ws2_32.dll").NewProc("WSAPoll")

// Yield gives the processor to other threads that want it.
func Yield() { runtime.Gosched() }
