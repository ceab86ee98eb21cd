//go:build !portable

package socket_test

// portable says that the code that macOS has runs.
const portable = false
