//go:build unix && (!linux || portable)

package ipc

// peeksAtFiles says that the files of an item stay in the queue until it is gone.
const peeksAtFiles = false
