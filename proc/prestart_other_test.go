//go:build !linux || portable

package proc_test

import (
	"testing"

	"luaspawn/proc"
)

var prestartRoles map[string]func(*proc.Self, []byte) int

func prepare(*proc.Waiting) {}

// stoppedEnd says that a daemon ends with its parent while it is stopped.
const stoppedEnd = false

func inheritedFile() {}

func skipUnlessReady(t testing.TB) { t.Skip("no children are kept ready here") }
