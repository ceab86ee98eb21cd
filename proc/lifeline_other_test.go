//go:build unix && (!linux || portable)

package proc_test

import (
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"luaspawn/proc"
)

// A daemon ends with its parent also if another process has got the parent's end of its channel.
func TestParentKilledChannelOpen(t *testing.T) {
	daemonR, daemonW := pipe(t)
	readyR, readyW := pipe(t)
	orphanR, orphanW := pipe(t)
	parent := start(t, &proc.Command{Payload: []byte("leak"), Files: []*os.File{daemonW, readyW, orphanW}})
	for _, f := range []*os.File{daemonW, readyW, orphanW} {
		f.Close()
	}
	readyR.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(readyR, make([]byte, 2)); err != nil {
		t.Fatalf("two children should be ready: %v", err)
	}
	parent.Kill()
	join(t, parent)
	for r, want := range map[*os.File]string{daemonR: "", orphanR: fmt.Sprint(parent.Pid())} {
		r.SetReadDeadline(time.Now().Add(patience))
		if b, err := io.ReadAll(r); string(b) != want || err != nil {
			t.Errorf("got %q, %v, want %q", b, err, want)
		}
	}
}
