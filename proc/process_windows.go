package proc

import (
	"os"
	"syscall"
)

// terminate is the signal that asks a process to end. There is no asking here.
const terminate = syscall.SIGKILL

// exitCode returns the status of a process, or -N if signal N ended it.
func exitCode(state *os.ProcessState) int { return state.ExitCode() }

// endNow ends this process, without asking anybody in it.
func endNow() { os.Exit(1) }
