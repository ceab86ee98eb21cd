//go:build !linux || portable

package proc

import "os"

// firstWords are what a child writes before it has its job.
type firstWords struct{ file *os.File }

// listen makes what the first words go to. It isn't called here.
func listen() (*firstWords, error) { return nil, nil }

// pass writes what a child has said that came so far.
func (w *firstWords) pass(*os.File) {}

// reason returns why a child ended with code before it had its job. Nil: somebody has
// killed it.
func (w *firstWords) reason(int) error { return nil }

func (w *firstWords) close() {}
