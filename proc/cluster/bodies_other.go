//go:build !linux || portable

package cluster

// passesFiles says whether a host can be given files beside its standard ones, and sent others.
const passesFiles = false
