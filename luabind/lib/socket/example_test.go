package socket_test

import (
	"context"
	"os"
	"strings"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/socket"
)

// A module is what Config.Modules lists; what its scripts may connect to says Config.Network.
func Example() {
	e, err := luabind.New(luabind.Config{Stdout: os.Stdout, Modules: []luabind.Module{socket.Module}})
	if err != nil {
		panic(err)
	}
	defer e.Close()
	const script = `local socket = require "socket" print(socket.tcp())`
	if err := e.Run(context.Background(), "script.lua", strings.NewReader(script)); err != nil {
		panic(err)
	}
	// Output:
	// nil	permission denied: Config.Network.TCP is not set
}
