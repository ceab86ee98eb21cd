//go:build !(darwin || dragonfly || freebsd || netbsd || openbsd || (linux && portable))

package ends

import "errors"

// A queue would be what the system tells ends by.
type queue struct{}

func openQueue() (queue, error)     { return queue{}, errors.ErrUnsupported }
func (queue) add(int) (bool, error) { return false, errors.ErrUnsupported }
func (queue) remove(int)            {}
func (queue) wake()                 {}
func (queue) wait([]int) int        { return 0 }
