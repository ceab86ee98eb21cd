package proc_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/windows"

	"luaspawn/proc"
)

// unixRoles are roles that there are on unix; these are those of Windows.
var unixRoles = map[string]func(*proc.Self, []byte) int{
	"family": startFamily,
	"daemon": tellPid,
}

// startFamily starts a daemon that gets our file, and lives on.
func startFamily(self *proc.Self, _ []byte) int {
	_, err := proc.Start(context.Background(), &proc.Command{Payload: []byte("daemon"), Daemon: true, Files: self.Files})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	<-self.ParentGone()
	return 0
}

func tellPid(self *proc.Self, _ []byte) int {
	fmt.Fprintln(self.Files[0], os.Getpid())
	select {}
}

// A daemon ends with its killed parent, also one whose threads are all suspended.
func TestParentKilled(t *testing.T) {
	r, w := pipe(t)
	parent := start(t, &proc.Command{Payload: []byte("family"), Files: []*os.File{w}})
	w.Close()
	var pid uint32
	if _, err := fmt.Fscanln(r, &pid); err != nil {
		t.Fatal(err)
	}
	daemon, err := windows.OpenProcess(windows.SYNCHRONIZE|windows.PROCESS_SUSPEND_RESUME|windows.PROCESS_TERMINATE, false, pid)
	if err != nil {
		t.Fatal(err)
	}
	defer windows.CloseHandle(daemon)
	defer windows.TerminateProcess(daemon, 1)
	suspend := windows.NewLazySystemDLL("ntdll.dll").NewProc("NtSuspendProcess")
	if status, _, _ := suspend.Call(uintptr(daemon)); status != 0 {
		t.Fatalf("NtSuspendProcess: %#x", status)
	}
	if err := parent.Kill(); err != nil {
		t.Fatal(err)
	}
	join(t, parent)
	if event, err := windows.WaitForSingleObject(daemon, 60_000); event != windows.WAIT_OBJECT_0 {
		t.Errorf("the daemon lives on: %#x, %v", event, err)
	}
}
