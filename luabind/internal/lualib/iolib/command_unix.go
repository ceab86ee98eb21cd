//go:build unix

package iolib

import (
	"os"
	"os/exec"
	"syscall"
)

// tempDir is where os.tmpname and io.tmpfile make their files.
func tempDir(func(string) (string, bool)) string { return "/tmp" }

// shell returns what runs a command, as C's system does.
func shell(command string) *exec.Cmd { return exec.Command("/bin/sh", "-c", command) }

// pipeKind reports whether C's popen takes that behind "r" or "w": nothing.
func pipeKind(s string) bool { return s == "" }

// ownGroup makes cmd, when it is started, the leader of a process group.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill kills a process that has not been waited for, or its group.
func kill(p *os.Process, group bool) {
	if group {
		syscall.Kill(-p.Pid, syscall.SIGKILL)
		return
	}
	p.Kill()
}

// sendSignal sends s to a process.
func sendSignal(p *os.Process, s os.Signal) error { return p.Signal(s) }

// signalled returns -N where signal N has ended a process.
func signalled(s *os.ProcessState) (code int, ok bool) {
	status, ok := s.Sys().(syscall.WaitStatus)
	return -int(status.Signal()), ok && status.Signaled()
}

// exitStatus returns what C's system would.
func exitStatus(s *os.ProcessState) int {
	if status, ok := s.Sys().(syscall.WaitStatus); ok {
		return int(status)
	}
	return -1
}

// sameVariable reports whether two names are of the same variable of an environment.
func sameVariable(a, b string) bool { return a == b }
