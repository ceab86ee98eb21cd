//go:build !portable

package board

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// tick is what the kernel counts processor time by, on all systems that Go runs on.
const tick = time.Second / 100

// system asks the system how the process is.
func (p *Process) system() {
	dir := "/proc/" + strconv.Itoa(p.Pid)
	b, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return
	}
	// pid (name) state parent ...; the name may hold anything.
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	const user, kernel = 14 - 3, 15 - 3
	if len(f) <= kernel {
		return
	}
	if p.State = f[0][0]; p.State == 'Z' || p.State == 'X' {
		p.State = 0
	}
	for _, at := range []int{user, kernel} {
		n, _ := strconv.Atoi(string(f[at]))
		p.Running += time.Duration(n) * tick
	}
	p.Begun = p.Turn > 0 || p.Flags&Main != 0 || hasTitle(dir)
}

// hasTitle reports whether a child shows its name: before that it is unpacking what it got.
func hasTitle(dir string) bool {
	b, err := os.ReadFile(dir + "/cmdline")
	return err == nil && bytes.Contains(b, []byte(": ")) && !bytes.HasPrefix(b[bytes.Index(b, []byte(": ")):], []byte(": kept ready\x00"))
}
