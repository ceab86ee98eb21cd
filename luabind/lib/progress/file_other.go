//go:build !unix

package progress

import "luaspawn/luabind"

// terminalOf returns nil: no terminal of this system is used.
func terminalOf(*luabind.Host) *terminal { return nil }
