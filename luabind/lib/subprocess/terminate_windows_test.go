package subprocess_test

import (
	"os"
	"strings"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/subprocess"
)

// Both ways to end a program end it, with the status that Python has there.
func TestTerminate(t *testing.T) {
	e, err := luabind.New(luabind.Config{Shell: true, Environ: os.Environ(), Modules: []luabind.Module{subprocess.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	err = e.Run(t.Context(), "=script", strings.NewReader(`
		for _, how in ipairs{"terminate", "kill"} do
			local p = require("subprocess").popen{"cmd", "/c", "set /p x=", stdin = "pipe"}
			p[how](p)
			assert(p:wait() == 1)
			p[how](p)
		end`))
	if err != nil {
		t.Error(err)
	}
}
