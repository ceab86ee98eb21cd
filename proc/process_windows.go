package proc

import (
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// terminate is the signal that asks a process to end. There is no asking here.
const terminate = syscall.SIGTERM

// terminated is the exit code of a process that was ended by us. It is Python's, which says of such
// a one that SIGTERM has ended it.
const terminated = 0x10000

// sendSignal ends a process: there are no signals here.
func sendSignal(child *os.Process, s os.Signal) error {
	var err error
	werr := child.WithHandle(func(process uintptr) {
		h := windows.Handle(process)
		ended := func() bool {
			event, _ := windows.WaitForSingleObject(h, 0)
			return event == windows.WAIT_OBJECT_0
		}
		switch {
		case ended():
		case s != terminate && s != os.Kill:
			err = syscall.EWINDOWS
		default:
			err = windows.TerminateProcess(h, terminated)
			if err == windows.ERROR_ACCESS_DENIED || err != nil && ended() {
				err = nil // it is ending by itself: to a child that isn't we have all rights
			}
			err = os.NewSyscallError("TerminateProcess", err)
		}
	})
	if werr != nil {
		return os.ErrProcessDone // it was waited for, which releases the handle
	}
	return err
}

// exitCode returns the status of a process, or -N if signal N ended it.
func exitCode(state *os.ProcessState) int {
	if code := state.ExitCode(); code != terminated {
		return code
	}
	return -int(syscall.SIGTERM)
}

// launchInOwnGroup lets the process that attr is for be a process group of its own
// from its first moment: Ctrl-C doesn't reach it.
func launchInOwnGroup(attr *os.ProcAttr) {
	attr.Sys.CreationFlags |= syscall.CREATE_NEW_PROCESS_GROUP
}

// processGroup returns the number of this process's group; 0: it has none here.
func processGroup() int { return 0 }

// joinGroup makes this process part of a group; 0 is one of its own. It is for
// children that are kept ready, and there are none here.
func joinGroup(int) {}

// endNow ends this process, without asking anybody in it.
func endNow() { os.Exit(1) }

// DieOf ends this process by a signal that by default ends one. Nothing ends by a signal here, but
// Ctrl-Break has a status of its own.
func DieOf(s os.Signal) {
	const ctrlBreak = syscall.Signal(21)
	if s == ctrlBreak {
		status := uint32(windows.STATUS_CONTROL_C_EXIT) // no int of 32 bits
		os.Exit(int(status))
	}
	os.Exit(1)
}
