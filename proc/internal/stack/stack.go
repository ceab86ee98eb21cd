// Package stack makes the stack of a program's first goroutine as large as it will become, before the program does anything
// else: the package imports nothing, so that nearly no other
// package is initialized before it.
//
// The runtime doubles a stack that is too small: five times, from 2 KiB on, until a script
// runs. Each time it touches memory for several stacks of the new size, and reads its tables for each function that is on
// the stack. These tables are on pages that were not read yet. That makes 25 of the 470 page faults of a program
// that runs an empty script.
package stack

func init() { grow(false) }

// grow has a frame of more than half of 32 KiB. The stack is grown when it is called; the
// frame is neither cleared nor touched unless use is true.
//
//go:noinline
func grow(use bool) byte {
	if !use {
		return 0
	}
	var frame [17 << 10]byte
	fill(&frame)
	return frame[len(frame)/2]
}

//go:noinline
func fill(frame *[17 << 10]byte) {
	for i := range frame {
		frame[i] = byte(i)
	}
}
