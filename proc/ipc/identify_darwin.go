package ipc

import (
	"os"

	"golang.org/x/sys/unix"
)

// identify returns who has pid now, and whether it has ended and nobody has waited for it.
// Its start is known to the microsecond; of 42 bits of those a month is enough.
func identify(pid int) (id identity, zombie bool, err error) {
	const stateZombie = 5 // SZOMB of sys/proc.h
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return 0, false, os.NewSyscallError("sysctl", err)
	}
	start := uint64(info.Proc.P_starttime.Sec)*1e6 + uint64(info.Proc.P_starttime.Usec)
	return identity(start<<pidBits | uint64(pid)), info.Proc.P_stat == stateZombie, nil
}
