//go:build !linux

package pool

import "os"

func newSegment() (*segment, *os.File, error)               { return nil, nil, ErrUnsupported }
func openSegment(*os.File) (*segment, error)                { return nil, ErrUnsupported }
func (s *segment) unmap()                                   {}
func newNotifier() (*os.File, error)                        { return nil, ErrUnsupported }
func newWorkerNotifier() (ours, theirs *os.File, err error) { return nil, nil, ErrUnsupported }
func notify(*os.File)                                       {}
func awaitNotifier(int)                                     {}
func newClock() clock                                       { return clock{} }
