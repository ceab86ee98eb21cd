package mathlib

import (
	"math"

	"luaspawn/luabind/internal/glua"
)

// natives has the Natives of functions that scripts call often, for numbers.
var natives = []glua.NamedNative{
	{Name: "abs", Do: native1(math.Abs)},
	{Name: "ceil", Do: native1(math.Ceil)},
	{Name: "cos", Do: native1(math.Cos)},
	{Name: "exp", Do: native1(math.Exp)},
	{Name: "floor", Do: native1(math.Floor)},
	{Name: "fmod", Do: native2(math.Mod)},
	{Name: "log", Do: native1(math.Log)},
	{Name: "max", Do: nativeLimit(func(a, b float64) bool { return a > b })},
	{Name: "min", Do: nativeLimit(func(a, b float64) bool { return a < b })},
	{Name: "pow", Do: native2(math.Pow)},
	{Name: "sin", Do: native1(math.Sin)},
	{Name: "sqrt", Do: sqrt},
}

// native1 makes one of a function of one number. NaNs, whose sign shows, are left to the
// function.
func native1(f func(float64) float64) glua.Native {
	return func(_ *glua.State, args, out []glua.Value) int {
		if len(args) == 0 || !args[0].IsNumber() {
			return -1
		}
		y := f(args[0].Float())
		if y != y {
			return -1
		}
		out[0].SetNumber(y)
		return 1
	}
}

func sqrt(_ *glua.State, args, out []glua.Value) int {
	if len(args) == 0 {
		return -1
	}
	y := math.Sqrt(args[0].Float()) // NaN of what is no number
	if y != y {
		return -1
	}
	out[0].SetNumber(y)
	return 1
}

func native2(f func(x, y float64) float64) glua.Native {
	return func(_ *glua.State, args, out []glua.Value) int {
		if len(args) < 2 || !args[0].IsNumber() || !args[1].IsNumber() {
			return -1
		}
		z := f(args[0].Float(), args[1].Float())
		if z != z {
			return -1
		}
		out[0].SetNumber(z)
		return 1
	}
}

func nativeLimit(better func(a, b float64) bool) glua.Native {
	return func(_ *glua.State, args, out []glua.Value) int {
		if len(args) == 0 || !args[0].IsNumber() {
			return -1
		}
		best := args[0].Float()
		for i := range args {
			if !args[i].IsNumber() {
				return -1
			}
			if x := args[i].Float(); better(x, best) {
				best = x
			}
		}
		if best != best {
			return -1
		}
		out[0].SetNumber(best)
		return 1
	}
}
