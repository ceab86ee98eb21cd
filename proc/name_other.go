//go:build !linux || portable

package proc

// takeName gives this process the name of its program for ps, top and pkill,
// which would otherwise find the last element of /proc/self/exe there: "exe".
// Elsewhere than on Linux a child is started by that name.
func takeName() {}

// titleRoom is an argument of children that takeTitle takes away: elsewhere there is none.
const titleRoom = ""

func takeTitle() {}

// SetTitle lets ps, top and the like show a child as "program: name". Elsewhere than on Linux
// it does nothing.
func SetTitle(string) {}

func showReady() {}
func showBegun() {}
