package proc_test

import "luaspawn/proc"

// unixRoles are roles that there are not on Windows.
var unixRoles map[string]func(*proc.Self, []byte) int
