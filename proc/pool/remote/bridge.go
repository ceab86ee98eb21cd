package remote

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"luaspawn/proc"
	"luaspawn/proc/internal/relay"
)

// ErrNoLuaspawnd is the error of FindLuaspawnd on a machine without luaspawnd.
var ErrNoLuaspawnd = errors.New("there is no luaspawnd beside this program or in PATH, which pools over machines need (go build ./proc/cluster/luaspawnd makes it; LUASPAWND says where it is)")

// FindLuaspawnd returns where luaspawnd is: as the variable LUASPAWND says, beside this program, or in
// PATH.
func FindLuaspawnd() (string, error) {
	if path := os.Getenv("LUASPAWND"); path != "" {
		return path, nil
	}
	name := "luaspawnd"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), name)); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", ErrNoLuaspawnd
	}
	return path, nil
}

// CheckAddress returns an error if address is not the address of a server, or a list of such.
func CheckAddress(address string) error {
	_, err := relay.ParseAddress(address)
	return err
}

// Command returns a function for Config.Relay that starts a program with its arguments: luaspawnd with "bridge", for
// example.
func Command(program string, args ...string) func() (Bridge, error) {
	return func() (b Bridge, err error) {
		cmd := exec.Command(program, args...)
		cmd.Stderr = os.Stderr
		slots, shared, err := relay.NewSlots()
		if err == nil {
			cmd.ExtraFiles = []*os.File{shared}
			defer shared.Close()
		}
		defer func() {
			if err != nil {
				slots.Close()
			}
		}()
		if b.In, err = cmd.StdinPipe(); err != nil {
			return b, err
		}
		if b.Out, err = cmd.StdoutPipe(); err != nil {
			return b, err
		}
		reaped, err := proc.Own(func() (int, error) {
			if err := cmd.Start(); err != nil {
				return 0, err
			}
			return cmd.Process.Pid, nil
		})
		if err != nil {
			return b, fmt.Errorf("can't start luaspawnd: %w", err)
		}
		b.Pid = cmd.Process.Pid
		b.slots = slots
		forget := proc.Spare(b.Pid) // it says that this process is gone, where that can't
		b.Ended = func() {
			cmd.Wait()
			forget()
			reaped()
		}
		b.Killed = func() { cmd.Process.Kill() }
		return b, nil
	}
}
