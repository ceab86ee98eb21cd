//go:build !linux

package scripts

import "testing"

// runOverMachines can't be done without workers, which need Linux.
func runOverMachines(t *testing.T, _, _, _ string) result {
	t.Skip("workers need Linux")
	return result{}
}
