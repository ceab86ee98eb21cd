// Package mathlib is Lua 5.1's math library for gopher-lua, after PUC Lua 5.1.5:
// numbers in strings are numbers, and errors are worded as there.
package mathlib

import (
	"math"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// Open opens the library in L as the global "math" and returns it. Its generator
// of random numbers is its own, so that randomseed gives the same numbers
// whatever else the program draws; until then it is seeded at random.
func Open(L *lua.LState) *lua.LTable {
	g := &generator{rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	t := glua.NewLibrary(L, lua.MathLibName, map[string]lua.LGFunction{
		"abs":        of1(math.Abs),
		"acos":       of1(math.Acos),
		"asin":       of1(math.Asin),
		"atan":       of1(math.Atan),
		"atan2":      of2(math.Atan2),
		"ceil":       of1(math.Ceil),
		"cos":        of1(signed(math.Cos)),
		"cosh":       of1(math.Cosh),
		"deg":        of1(func(x float64) float64 { return x / (math.Pi / 180) }),
		"exp":        of1(math.Exp),
		"floor":      of1(math.Floor),
		"fmod":       of2(signed2(math.Mod)),
		"frexp":      frexp,
		"ldexp":      ldexp,
		"log":        of1(signed(math.Log)),
		"log10":      of1(math.Log10),
		"max":        limit(func(a, b float64) bool { return a > b }),
		"min":        limit(func(a, b float64) bool { return a < b }),
		"modf":       modf,
		"pow":        of2(signed2(math.Pow)),
		"rad":        of1(func(x float64) float64 { return x * (math.Pi / 180) }),
		"random":     g.random,
		"randomseed": g.seed,
		"sin":        of1(signed(math.Sin)),
		"sinh":       of1(math.Sinh),
		"sqrt":       of1(signed(math.Sqrt)),
		"tan":        of1(signed(math.Tan)),
		"tanh":       of1(math.Tanh),
	}, 3)
	glua.SetNatives(t, natives)
	glua.SetNamed(t, "mod", glua.Named(t, "fmod"))
	glua.SetNamed(t, "pi", lua.LNumber(math.Pi))
	glua.SetNamed(t, "huge", lua.LNumber(math.Inf(1)))
	return t
}

// of1 makes a function in Lua of one on a number.
func of1(f func(float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LNumber(f(arg.Number(L, 1))))
		return 1
	}
}

func of2(f func(x, y float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		y := arg.Number(L, 2) // first, as in PUC Lua: which error it is shows that
		L.Push(lua.LNumber(f(arg.Number(L, 1), y)))
		return 1
	}
}

// signed gives what f makes of an invalid x the sign that it has on x86.
func signed(f func(float64) float64) func(float64) float64 {
	return func(x float64) float64 {
		y := f(x)
		if y != y && x == x {
			return negativeNaN()
		}
		return y
	}
}

func negativeNaN() float64 { return math.Copysign(math.NaN(), -1) }

// signed2 is signed for two numbers.
func signed2(f func(x, y float64) float64) func(x, y float64) float64 {
	return func(x, y float64) float64 {
		z := f(x, y)
		if z != z && x == x && y == y {
			return negativeNaN()
		}
		return z
	}
}

// limit makes max and min.
func limit(better func(a, b float64) bool) lua.LGFunction {
	return func(L *lua.LState) int {
		best := arg.Number(L, 1)
		for i := 2; i <= L.GetTop(); i++ {
			if x := arg.Number(L, i); better(x, best) {
				best = x
			}
		}
		L.Push(lua.LNumber(best))
		return 1
	}
}

// frexp is math.frexp(x): x = m * 2^e, with m in [0.5, 1).
func frexp(L *lua.LState) int {
	m, e := math.Frexp(arg.Number(L, 1))
	L.Push(lua.LNumber(m))
	L.Push(lua.LNumber(e))
	return 2
}

func ldexp(L *lua.LState) int {
	e := arg.Int32(L, 2)
	L.Push(lua.LNumber(math.Ldexp(arg.Number(L, 1), e)))
	return 1
}

// modf is math.modf(x): the whole part and the rest, both with the sign of x.
func modf(L *lua.LState) int {
	x := arg.Number(L, 1)
	whole, rest := math.Trunc(x), 0.0
	if !math.IsInf(x, 0) {
		rest = x - whole
	}
	L.Push(lua.LNumber(whole))
	L.Push(lua.LNumber(math.Copysign(rest, x)))
	return 2
}

type generator struct{ *rand.Rand }

// random is math.random([m [, n]]): in [0,1), in 1..m, in m..n.
func (g *generator) random(L *lua.LState) int {
	r := g.Float64()
	low, high := 1, 0
	switch L.GetTop() {
	case 0:
		L.Push(lua.LNumber(r))
		return 1
	case 1:
		if high = arg.Int32(L, 1); high < low {
			arg.Error(L, 1, "interval is empty")
		}
	case 2:
		low = arg.Int32(L, 1)
		if high = arg.Int32(L, 2); high < low {
			arg.Error(L, 2, "interval is empty")
		}
	default:
		arg.Raise(L, "wrong number of arguments")
	}
	L.Push(lua.LNumber(math.Floor(r*float64(high-low+1)) + float64(low)))
	return 1
}

// seed is math.randomseed(x), which Lua 5.1 takes as an int of C.
func (g *generator) seed(L *lua.LState) int {
	g.Rand = rand.New(rand.NewPCG(uint64(arg.Int32(L, 1)), 0))
	return 0
}
