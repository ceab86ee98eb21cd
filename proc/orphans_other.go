//go:build !linux || portable

package proc

// ReapOrphans does nothing here.
func ReapOrphans() {}

// Own calls start.
func Own(start func() (pid int, err error)) (reaped func(), err error) {
	_, err = start()
	return func() {}, err
}
