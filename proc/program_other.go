//go:build !linux || portable

package proc

// forgetProgram takes the pages of this program out of what this process has
// mapped. Nothing asks for it here.
func forgetProgram() {}
