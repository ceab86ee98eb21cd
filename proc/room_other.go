//go:build !linux

package proc

// adviseHuge lets b come in huge pages when it is first written to. Nothing is
// known of them here.
func adviseHuge([]byte) {}

// makeRoom lets the next n bytes that this process allocates come in huge pages.
func makeRoom(int) {}
