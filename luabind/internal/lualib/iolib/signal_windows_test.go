package iolib

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/windows"
)

// To end a process that has ended and was not waited for is no failure. Windows itself denies it; Wine doesn't.
func TestSignalEnded(t *testing.T) {
	cmd := shell("exit 3")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd.Process.WithHandle(func(h uintptr) { windows.WaitForSingleObject(windows.Handle(h), windows.INFINITE) })
	for _, s := range []os.Signal{syscall.SIGTERM, os.Kill} {
		if err := sendSignal(cmd.Process, s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("%v: %v", s, err)
		}
	}
	cmd.Wait()
	if code := exitStatus(cmd.ProcessState); code != 3 {
		t.Error("status:", code)
	}
}
