//go:build !linux

package proc

// takeName gives this process the name of its program for ps, top and pkill,
// which would otherwise find the last element of /proc/self/exe there: "exe".
// Elsewhere than on Linux a child is started by that name.
func takeName() {}
