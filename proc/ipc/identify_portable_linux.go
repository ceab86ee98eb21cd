//go:build portable

package ipc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// Here the portable code is tested. What sysctl is elsewhere is a look at /proc.

// identify returns who has pid now, and whether it has ended and nobody has waited for it.
func identify(pid int) (id identity, zombie bool, err error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false, err
	}
	const afterName = 22 - 3
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) <= afterName {
		return 0, false, fmt.Errorf("ipc: /proc/%d/stat: %q", pid, b)
	}
	start, err := strconv.ParseUint(string(fields[afterName]), 10, 64)
	if err != nil {
		return 0, false, err
	}
	return identity(start<<pidBits | uint64(pid)), fields[0][0] == 'Z' || fields[0][0] == 'X', nil
}
