//go:build !unix

package process

// signalName returns SIGTERM for 15; "" for what is no signal. Nothing ends by
// a signal here.
func signalName(int) string { return "" }
