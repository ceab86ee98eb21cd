package iolib

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// tempDir is where os.tmpname and io.tmpfile make their files, without a separator at its end:
// two at the start of a name would make that one of another machine.
func tempDir(getenv func(string) (string, bool)) string {
	for _, name := range []string{"TMP", "TEMP"} {
		if dir, ok := getenv(name); ok {
			return strings.TrimRight(dir, `\/`)
		}
	}
	return "" // the root, as for C's tmpnam
}

// shell returns what runs a command, as C's system does. Its line is not made of
// arguments, which would be quoted.
func shell(command string) *exec.Cmd {
	cmd := exec.Command("cmd.exe")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: "cmd.exe /c " + command}
	return cmd
}

// pipeKind reports whether C's popen takes that behind "r" or "w": b for no text mode, t for text mode.
func pipeKind(s string) bool { return s == "" || s == "b" || s == "t" }

// ownGroup does nothing: a group of processes can't be killed here.
func ownGroup(*exec.Cmd) {}

// kill kills a process that has not been waited for, or all that its group would be elsewhere: itself and what it has
// started.
func kill(p *os.Process, group bool) {
	if group {
		killTree(p)
		return
	}
	p.Kill()
}

// sendSignal ends a process, as SIGTERM and SIGKILL do elsewhere: there are no signals here.
func sendSignal(p *os.Process, s os.Signal) error {
	if s == syscall.SIGTERM {
		s = os.Kill
	}
	err := p.Signal(s)
	if s == os.Kill && errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		return os.ErrProcessDone // nobody has waited for it yet: to a child that runs we have all rights
	}
	return err
}

// signalled returns -N where signal N has ended a process: none has.
func signalled(*os.ProcessState) (code int, ok bool) { return 0, false }

// exitStatus returns what C's system would: an int of C, which is negative where the program ended by an exception.
func exitStatus(s *os.ProcessState) int { return int(int32(uint32(s.ExitCode()))) }

// sameVariable reports whether two names are of the same variable of an environment.
func sameVariable(a, b string) bool { return strings.EqualFold(a, b) }
