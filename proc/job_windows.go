package proc

import (
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// daemons makes the job of this process's daemons. The system ends who is in it when the only handle of it
// is closed, and it closes that at the end of this process, however that ends. What a daemon starts is
// not in it: daemons of its own end with it, the others stay.
var daemons = sync.OnceValue(func() windows.Handle {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		windows.CloseHandle(job)
		return 0
	}
	return job
})

// bind lets the system end a daemon with this process, also one that can't do so itself. Where that
// isn't allowed it is left to watchParent.
func bind(daemon *os.Process) {
	job := daemons()
	if job == 0 {
		return
	}
	daemon.WithHandle(func(process uintptr) { windows.AssignProcessToJobObject(job, windows.Handle(process)) })
}
