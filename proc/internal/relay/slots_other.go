//go:build !linux || portable

package relay

import (
	"errors"
	"os"
)

// Slots are memory that the processes at both ends of a pipe share, where the system has such.
type Slots struct{}

// NewSlots makes slots, and returns the file with which another process opens them.
func NewSlots() (*Slots, *os.File, error) { return nil, nil, errors.ErrUnsupported }

// OpenSlots opens slots that another process has made, by the descriptor of their file, which it takes over.
func OpenSlots(int) (*Slots, error) { return nil, errors.ErrUnsupported }

func (*Slots) put(int, func([]byte) []byte) (slot, size int, ok bool) { return 0, 0, false }

func (*Slots) at(int, int) ([]byte, error) { return nil, ErrFrame }

func (*Slots) free(int) {}

// Close gives the memory back. Nobody may look at it any more.
func (*Slots) Close() {}
