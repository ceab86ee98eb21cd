package luabind

import (
	"math"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"
)

// mathRandom is math.random([m [, n]]): in [0,1), in 1..m, in m..n. The
// generator is the engine's own, so that randomseed gives the same numbers
// whatever else the program draws.
func (e *Engine) mathRandom(L *lua.LState) int {
	r := e.random.Float64()
	low, high := 1.0, 0.0
	switch L.GetTop() {
	case 0:
		L.Push(lua.LNumber(r))
		return 1
	case 1:
		if high = math.Trunc(float64(L.CheckNumber(1))); high < low {
			L.ArgError(1, "interval is empty")
		}
	case 2:
		low, high = math.Trunc(float64(L.CheckNumber(1))), math.Trunc(float64(L.CheckNumber(2)))
		if high < low {
			L.ArgError(2, "interval is empty")
		}
	default:
		L.RaiseError("wrong number of arguments")
	}
	L.Push(lua.LNumber(math.Floor(r*(high-low+1)) + low))
	return 1
}

// mathRandomSeed is math.randomseed(x).
func (e *Engine) mathRandomSeed(L *lua.LState) int {
	e.random = rand.New(rand.NewPCG(math.Float64bits(float64(L.CheckNumber(1))), 0))
	return 0
}
