//go:build !(darwin || dragonfly || freebsd || netbsd || openbsd || (linux && portable))

package ends

import "errors"

// A queue is nothing: this system can't tell when processes end.
type queue struct{}

func openQueue() (queue, error)     { return queue{}, errors.ErrUnsupported }
func (queue) add(int) (bool, error) { return false, errors.ErrUnsupported }
func (queue) remove(int)            {}
func (queue) wake()                 {}
func (queue) wait([]int) int        { return 0 }
