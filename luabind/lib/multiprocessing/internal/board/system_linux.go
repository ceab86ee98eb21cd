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

// statOf returns what stands behind the name in /proc/PID/stat: state, parent and so on. It is nil if that can't be read.
func statOf(pid int) [][]byte {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	// pid (name) state parent ...; the name may hold anything.
	return bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
}

const statUser, statKernel, statStart = 14 - 3, 15 - 3, 22 - 3 // its fields, which proc(5) counts from the pid on

// isStranger reports whether a process, of which this is known, was started after a time since boot: it has got the number
// of one that was there then, and has ended. The place of that one stays taken if its parent was killed.
func isStranger(stat [][]byte, there time.Duration) bool {
	if len(stat) <= statStart {
		return false // it can't be told
	}
	started, err := strconv.ParseInt(string(stat[statStart]), 10, 64)
	return err != nil || started > int64(there/tick)
}

// system asks the system how the process is, which was there at a time since boot. It returns false if a stranger has its
// number by now.
func (p *Process) system(there time.Duration) bool {
	stat := statOf(p.Pid)
	if isStranger(stat, there) {
		return false
	}
	if len(stat) <= statStart {
		return true
	}
	if p.State = stat[0][0]; p.State == 'Z' || p.State == 'X' {
		p.State = 0
	}
	for _, ticks := range [][]byte{stat[statUser], stat[statKernel]} {
		n, _ := strconv.ParseInt(string(ticks), 10, 64)
		p.Running += time.Duration(n) * tick
	}
	p.Begun = p.Turn > 0 || p.Flags&Main != 0 || hasTitle("/proc/"+strconv.Itoa(p.Pid))
	return true
}

// hasTitle reports whether a child shows its name: before that it is unpacking what it got.
func hasTitle(dir string) bool {
	b, err := os.ReadFile(dir + "/cmdline")
	return err == nil && bytes.Contains(b, []byte(": ")) && !bytes.HasPrefix(b[bytes.Index(b, []byte(": ")):], []byte(": kept ready\x00"))
}
