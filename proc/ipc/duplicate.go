package ipc

import (
	"os"

	"luaspawn/proc/internal/fds"
)

// dupFile returns a duplicate of f.
func dupFile(f *os.File) (d *os.File, err error) {
	err = fds.Hold([]*os.File{f}, nil, func(numbers []int) (err error) {
		d, err = duplicate(numbers[0], f.Name())
		return err
	})
	return d, err
}
