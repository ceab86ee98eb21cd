//go:build !linux

package glua

// populate would let the system give memory that was made just now its pages in one call.
func populate[T any]([]T) {}
