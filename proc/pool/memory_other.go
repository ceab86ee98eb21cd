//go:build !linux

package pool

import "os"

func newSegment() (*segment, *os.File, error)           { return nil, nil, ErrUnsupported }
func openSegment(*os.File) (*segment, error)            { return nil, ErrUnsupported }
func (s *segment) unmap()                               {}
func newBell() (*os.File, error)                        { return nil, ErrUnsupported }
func newWorkerBell() (ours, theirs *os.File, err error) { return nil, nil, ErrUnsupported }
func ringBell(*os.File)                                 {}
func ringDescriptor(int)                                {}
func awaitBell(int)                                     {}
func newClock() clock                                   { return clock{} }
func yield()                                            {}
