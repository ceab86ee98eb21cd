package time_test

import (
	"context"
	"os"
	"strings"

	"luaspawn/luabind"
	luatime "luaspawn/luabind/lib/time"
)

// A module is what Config.Modules lists.
func Example() {
	e, err := luabind.New(luabind.Config{Stdout: os.Stdout, Modules: []luabind.Module{luatime.Module}})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	const script = `local time = require "time" time.sleep(0.001) print(time.monotonic() > 0)`
	if err := e.Run(context.Background(), "script.lua", strings.NewReader(script)); err != nil {
		panic(err)
	}
	// Output:
	// true
}
