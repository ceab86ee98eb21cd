package iolib

import "context"

// EndLate runs a command to its end. Its context ends before, but nobody is told of
// that in time.
func (h *Host) EndLate(line string) error {
	ctx, cancel := context.WithCancel(context.Background())
	c, err := h.start(ctx, line, nil, nil)
	if err != nil {
		cancel()
		return err
	}
	for _, free := range c.free {
		free()
	}
	cancel()
	c.wait(context.Background())
	return nil
}
