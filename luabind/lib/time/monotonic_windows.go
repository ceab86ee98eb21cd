package time

import (
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	kernel32  = windows.NewLazySystemDLL("kernel32.dll")
	counter   = kernel32.NewProc("QueryPerformanceCounter")
	frequency = kernel32.NewProc("QueryPerformanceFrequency")
)

// monotonic returns the time of a clock that all processes of the system share,
// since some moment, most likely the start of the system.
func monotonic() time.Duration {
	var ticks, second int64
	counter.Call(uintptr(unsafe.Pointer(&ticks)))
	frequency.Call(uintptr(unsafe.Pointer(&second)))
	if second == 0 {
		return windows.DurationSinceBoot()
	}
	return time.Duration(ticks/second)*time.Second + time.Duration(ticks%second)*time.Second/time.Duration(second)
}
