package ipc

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// Pids are multiples of 4, and handed out from below.
const pidBits = 22

func (id identity) pid() int { return int(id&(1<<pidBits-1)) << 2 }

func identifyMyself() (id identity, namespace uint64, err error) {
	id, err = identify(windows.CurrentProcess(), os.Getpid())
	return id, 1, err
}

// identify returns who has pid, which h is of. Its start is known to the millisecond here.
func identify(h windows.Handle, pid int) (identity, error) {
	var start, end, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(h, &start, &end, &kernel, &user); err != nil {
		return 0, os.NewSyscallError("GetProcessTimes", err)
	}
	at := uint64(start.HighDateTime)<<32 | uint64(start.LowDateTime)
	return identity(at/10_000<<pidBits | uint64(pid)>>2), nil
}

// open returns a handle of a process, by which that can be watched and has these rights
// beside; 0: it has ended.
func (id identity) open(rights uint32) (windows.Handle, error) {
	h, err := windows.OpenProcess(windows.SYNCHRONIZE|windows.PROCESS_QUERY_LIMITED_INFORMATION|rights, false, uint32(id.pid()))
	switch {
	case errors.Is(err, windows.ERROR_INVALID_PARAMETER): // nobody has that pid
		return 0, nil
	case err != nil:
		return 0, os.NewSyscallError("OpenProcess", err)
	}
	now, err := identify(h, id.pid())
	if err == nil && now == id && !isOver(h) {
		return h, nil
	}
	windows.CloseHandle(h)
	return 0, err
}

// isOver reports whether the process of a handle has ended.
func isOver(h windows.Handle) bool {
	event, err := windows.WaitForSingleObject(h, 0)
	return err == nil && event == windows.WAIT_OBJECT_0
}

// hasEnded says whether a process that can't be watched has ended, as far as that
// can be seen.
func hasEnded(id identity) bool {
	h, err := id.open(0)
	if h != 0 {
		windows.CloseHandle(h)
	}
	return h == 0 && err == nil
}

// A watch calls a function at the end of a process. It holds a thread.
type watch struct {
	process windows.Handle
	stop    windows.Handle // an event
}

// begin begins it; alive is false if the process has ended.
func (w *watch) begin(id identity, over func()) (alive bool, err error) {
	h, err := id.open(0)
	if h == 0 || err != nil {
		return false, err
	}
	stop, err := windows.CreateEvent(nil, 1, 0, nil)
	if stop == 0 {
		windows.CloseHandle(h)
		return false, os.NewSyscallError("CreateEvent", err)
	}
	w.process, w.stop = h, stop
	go func() {
		event, err := windows.WaitForMultipleObjects([]windows.Handle{h, stop}, false, windows.INFINITE)
		if err == nil && event == windows.WAIT_OBJECT_0 {
			over()
			windows.WaitForSingleObject(stop, windows.INFINITE) // until then others look
		}
		windows.CloseHandle(h)
		windows.CloseHandle(stop)
	}()
	return true, nil
}

func (w *watch) ended(identity) bool { return isOver(w.process) }

func (w *watch) end(identity) { windows.SetEvent(w.stop) }
