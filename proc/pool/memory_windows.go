package pool

import (
	"os"
	"time"
)

func newSegment() (*segment, *os.File, error)               { return nil, nil, ErrUnsupported }
func openSegment(*os.File) (*segment, error)                { return nil, ErrUnsupported }
func (s *segment) unmap()                                   {}
func newNotifier() (at, by *os.File, err error)             { return nil, nil, ErrUnsupported }
func sleepAt(*os.File, time.Time) bool                      { return false }
func newWorkerNotifier() (ours, theirs *os.File, err error) { return nil, nil, ErrUnsupported }
func notify(*os.File)                                       {}
func awaitNotifier(int)                                     {}
func newClock() clock                                       { return clock{} }
