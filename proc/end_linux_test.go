//go:build !portable

package proc_test

import (
	"context"
	"fmt"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"luaspawn/proc"
)

// spare ends what it has started, but first all but one.
func spare(*proc.Self, []byte) int {
	var started [2]*exec.Cmd
	for i := range started {
		started[i] = exec.Command("/bin/sleep", "600")
		if err := started[i].Start(); err != nil {
			fmt.Println(err)
			return 97
		}
	}
	spared, other := started[0], started[1]
	forget := proc.Spare(spared.Process.Pid)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	proc.EndAll(ctx, unix.SIGTERM)
	fmt.Println(ctx.Err(), other.Wait())
	if unix.Kill(spared.Process.Pid, 0) == nil {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, spared.Process.Pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		fmt.Println("it lives:", err == nil && info.Signo == 0)
	}
	forget()
	proc.EndAll(ctx, unix.SIGTERM)
	fmt.Println(ctx.Err(), spared.Wait())
	return 0
}

// EndAll leaves alone what is spared, and doesn't wait for it.
func TestSpare(t *testing.T) {
	const want = "<nil> signal: terminated\nit lives: true\n<nil> signal: terminated\n"
	if got := output(t, "spare"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
