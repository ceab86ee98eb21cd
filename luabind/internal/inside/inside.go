// Package inside is what other packages of this module get of a luabind.Engine beyond its exported
// methods. Those are for anybody, and so turn the tables that they show into what gopher-lua
// has; code of this module reaches tables by package glua, and needs none of that.
package inside

import (
	"context"

	lua "github.com/yuin/gopher-lua"
)

var (
	// State is Engine.State.
	State func(engine any) *lua.LState
	// Do is Engine.Do.
	Do func(ctx context.Context, engine any, f lua.LValue, results int, args ...lua.LValue) ([]lua.LValue, error)
)
