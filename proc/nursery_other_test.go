//go:build !linux

package proc_test

import "luaspawn/proc"

var nurseryRoles map[string]func(*proc.Self, []byte) int

func prepare(*proc.Waiting) {}

func inheritedFile() {}
