package vm

import (
	"context"
	"sync/atomic"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Watch lets L look, when ctx ends, whether the context that it runs with has
// ended, until stop is called. It is for a context that several calls have, one
// after the other, each of which sets and takes away that of L: to be told of the
// end costs more than a short call. L isn't kept alive by it.
func Watch(L *lua.LState, ctx context.Context) (stop func() bool) {
	to := weak.Make(L)
	return context.AfterFunc(ctx, func() {
		if L := to.Value(); L != nil {
			atomic.OrInt32(&glua.Inside(L).G.Alarm, alarmContext)
		}
	})
}
