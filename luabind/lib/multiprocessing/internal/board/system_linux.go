//go:build !portable

package board

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// tick is what the kernel counts processor time by, and when a process was started, on all systems that Go runs on.
const tick = time.Second / 100

// sinceBoot returns the time by which the system says when a process was started.
func sinceBoot() time.Duration {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_BOOTTIME, &t)
	return time.Duration(t.Nano())
}

// system asks the system how the process is, which was there at a time since boot, and returns whether its number isn't a
// stranger's by now: the place of one whose parent was killed stays taken.
func (p *Process) system(there time.Duration) bool {
	dir := "/proc/" + strconv.Itoa(p.Pid)
	b, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return true
	}
	// pid (name) state parent ...; the name may hold anything.
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	const user, kernel, start = 14 - 3, 15 - 3, 22 - 3
	if len(f) <= start {
		return true
	}
	if started, err := strconv.ParseInt(string(f[start]), 10, 64); err != nil || started > int64(there/tick) {
		return false
	}
	if p.State = f[0][0]; p.State == 'Z' || p.State == 'X' {
		p.State = 0
	}
	for _, at := range []int{user, kernel} {
		n, _ := strconv.Atoi(string(f[at]))
		p.Running += time.Duration(n) * tick
	}
	p.Begun = p.Turn > 0 || p.Flags&Main != 0 || hasTitle(dir)
	return true
}

// hasTitle reports whether a child shows its name: before that it is unpacking what it got.
func hasTitle(dir string) bool {
	b, err := os.ReadFile(dir + "/cmdline")
	return err == nil && bytes.Contains(b, []byte(": ")) && !bytes.HasPrefix(b[bytes.Index(b, []byte(": ")):], []byte(": kept ready\x00"))
}
