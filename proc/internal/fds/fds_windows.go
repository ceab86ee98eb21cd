package fds

import "errors"

func Memory(string, int64, bool) (int, error) { return -1, errors.ErrUnsupported }
func Event(bool) (int, error)                 { return -1, errors.ErrUnsupported }
func Notify(int)                              {}
func Duplicate(int) (int, error)              { return -1, errors.ErrUnsupported }
func Yield()                                  {}
