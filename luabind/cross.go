package luabind

import (
	"context"
	"fmt"
)

// Values cross between Go and Lua as copies:
//
//	Go                                   Lua
//	nil, nil pointer, map, slice, func   nil
//	bool                                 boolean
//	integers, floats                     number
//	time.Duration                        number, in seconds
//	string, []byte                       string
//	slice, array                         table with keys 1..n
//	map                                  table
//	struct, pointer to struct            table of the exported fields, by their names
//	                                     or tags: `lua:"name"`; "-" leaves a field out
//	func                                 function, see SetGlobal
//	error                                userdata with a __tostring
//	lua.LValue                           itself
//
// and back, where nothing says which type is wanted: float64, string, bool,
// []any for tables whose keys are 1..n, n > 0, map[any]any for other ones, Func
// for functions, and for userdata its Value. What refers to itself does so on the
// other side; depth is limited by memory alone.

// Func is a Lua function in Go. Calling it is like Engine.Call.
type Func func(ctx context.Context, args ...any) ([]any, error)

// A CrossError says that a value can't cross between Go and Lua.
type CrossError struct {
	Way  string // to the value: "config.Handlers[2]"
	What string // its type, or what is wrong
}

func (e *CrossError) Error() string { return fmt.Sprintf("luabind: %s: %s can't cross", e.Way, e.What) }
