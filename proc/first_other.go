//go:build !linux || portable

package proc

// noteFirst and followFirst are for Linux, where each thread has a priority of its own.
func noteFirst()   {}
func followFirst() {}
