//go:build !linux

package trace

import (
	"errors"
	"os"
)

// A Recording is where this process writes. Elsewhere than on Linux there is none.
type Recording struct{}

// Create makes a file for a recording.
func Create(string) (*Recording, error) { return nil, errors.ErrUnsupported }

// Open takes over the file of a recording that this process was given.
func Open(f *os.File) (*Recording, error) {
	f.Close()
	return nil, errors.ErrUnsupported
}

// File is what another process of the run opens it by.
func (*Recording) File() *os.File { return nil }

// Now is the time of events.
func (*Recording) Now() int64 { return 0 }

// Add records e.
func (*Recording) Add(Event) {}

// Close ends what this process records.
func (*Recording) Close() error { return nil }
