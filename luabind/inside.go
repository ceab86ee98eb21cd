package luabind

import (
	"context"

	lua "github.com/yuin/gopher-lua"

	house "luaspawn/luabind/internal/inside"
)

func init() {
	house.State = func(engine any) *lua.LState { return engineOf(engine).state }
	house.Do = func(ctx context.Context, engine any, f lua.LValue, results int, args ...lua.LValue) ([]lua.LValue, error) {
		return engineOf(engine).do(ctx, f, results, args...)
	}
}

// engineOf returns an Engine, which may come as its Host.
func engineOf(v any) *Engine {
	if h, ok := v.(*Host); ok {
		return h.Engine
	}
	return v.(*Engine)
}
