//go:build unix && (!linux || portable)

package proc

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// A process can be started while another goroutine waits for what a channel brings,
// and the descriptors that come are not for it.
func TestReceive(t *testing.T) {
	pair, err := socketpair()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	began := make(chan struct{})
	received := make(chan int, 1)
	go func() {
		defer close(received)
		oob := make([]byte, unix.CmsgSpace(4))
		close(began)
		n, passed, _, err := recvmsg(pair[0], make([]byte, 8), oob)
		if err != nil || n != 1 {
			t.Errorf("got %d bytes, %v", n, err)
		}
		for _, fd := range passed {
			received <- fd
		}
	}()
	<-began
	for range 3 { // by the last it waits, surely
		if err := exec.Command("/bin/sh", "-c", ":").Run(); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Sendmsg(pair[1], []byte("x"), unix.UnixRights(int(os.Stdin.Fd())), nil, sendFlags); err != nil {
		t.Fatal(err)
	}
	fd, ok := <-received
	if !ok {
		t.Fatal("no descriptor came")
	}
	defer unix.Close(fd)
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("it stays open at exec: %#x, %v", flags, err)
	}
}
