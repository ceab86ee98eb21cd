//go:build !linux || portable

package proc

// touchHuge touches b, which nothing has been written to, in huge pages for as long as
// they come faster than small ones. Nothing is known of them here.
func touchHuge([]byte) {}

// makeRoom lets the next n bytes that this process allocates come in huge pages.
func makeRoom(int) {}
