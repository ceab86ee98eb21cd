package pool

import (
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"luaspawn/proc/internal/fds"
)

func mapSegment(fd uintptr) ([]byte, error) {
	data, _, err := fds.Map(int(fd), 0, totalSize)
	return data, err
}

func unmapSegment(data []byte) { fds.Unmap(data) }

// newNotifier returns an event twice: at is for the goroutine that sleeps, which holds a thread meanwhile, and by is for those who
// notify it.
func newNotifier() (at, by *os.File, err error) {
	event, err := windows.CreateEvent(nil, 0, 0, nil)
	if event == 0 {
		return nil, nil, os.NewSyscallError("CreateEvent", err)
	}
	at = os.NewFile(uintptr(event), "pool's notifier")
	second, err := fds.Duplicate(int(event))
	if err != nil {
		at.Close()
		return nil, nil, err
	}
	return at, os.NewFile(uintptr(second), "pool's waker"), nil
}

// sleepAt sleeps at a notifier of newNotifier until it is notified, or until a time, if that isn't zero. It reports whether the notifier
// was notified.
func sleepAt(f *os.File, until time.Time) (notified bool) {
	wait := uint32(windows.INFINITE)
	if !until.IsZero() {
		wait = uint32(max(0, (time.Until(until)+time.Millisecond-1)/time.Millisecond))
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return false
	}
	conn.Control(func(fd uintptr) {
		event, err := windows.WaitForSingleObject(windows.Handle(fd), wait)
		notified = err == nil && event == windows.WAIT_OBJECT_0
	})
	return notified
}

// newWorkerNotifier returns an event for a worker, twice.
func newWorkerNotifier() (ours, theirs *os.File, err error) { return newNotifier() }

// notify wakes whoever sleeps at a notifier.
func notify(f *os.File) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) { windows.SetEvent(windows.Handle(fd)) })
}

// awaitNotifier sleeps until a worker is notified.
func awaitNotifier(fd int) { windows.WaitForSingleObject(windows.Handle(fd), windows.INFINITE) }

var queryPerformanceCounter, queryPerformanceFrequency = func() (counter, frequency *windows.LazyProc) {
	kernel32 := windows.NewLazySystemDLL("kernel32.dll")
	return kernel32.NewProc("QueryPerformanceCounter"), kernel32.NewProc("QueryPerformanceFrequency")
}()

// newClock returns a clock that is the same in all processes of the machine.
func newClock() clock {
	var ticks, second int64
	queryPerformanceCounter.Call(uintptr(unsafe.Pointer(&ticks)))
	queryPerformanceFrequency.Call(uintptr(unsafe.Pointer(&second)))
	if second == 0 {
		return clock{time.Now(), int64(windows.DurationSinceBoot())}
	}
	const nanos = int64(time.Second)
	return clock{time.Now(), ticks/second*nanos + ticks%second*nanos/second}
}
