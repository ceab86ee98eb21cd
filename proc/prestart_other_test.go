//go:build !linux

package proc_test

import (
	"testing"

	"luaspawn/proc"
)

var prestartRoles map[string]func(*proc.Self, []byte) int

func prepare(*proc.Waiting) {}

func inheritedFile() {}

func skipUnlessReady(t testing.TB) { t.Skip("no children are kept ready here") }
