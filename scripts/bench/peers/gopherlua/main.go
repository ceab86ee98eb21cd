// Gopherlua runs a Lua script on gopher-lua as it is, its own compiler, loop and
// libraries: what luaspawn is made of, for scripts/bench. Only its registry may grow,
// else table.concat fails with some thousand pieces.
package main

import (
	"fmt"
	"os"

	lua "github.com/yuin/gopher-lua"
)

func main() {
	L := lua.NewState(lua.Options{RegistryMaxSize: 1 << 20})
	if err := L.DoFile(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
