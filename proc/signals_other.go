//go:build !linux || portable || !(amd64 || arm64)

package proc

// DefaultSignals lets a signal that another process sends do what it does in a
// program that catches none. Here it does nothing.
func DefaultSignals() {}
