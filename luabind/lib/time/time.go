// Package time is the Lua module "time".
package time

import (
	_ "embed"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
)

// Module is what require "time" returns.
var Module = luabind.Module{Name: "time", Open: open, Manual: manual}

//go:embed stub.lua
var manual string

func open(e *luabind.Host) (lua.LValue, error) {
	L := inside.State(e)
	t := glua.NewFunctions(L, map[string]lua.LGFunction{
		"sleep": func(L *lua.LState) int { return sleep(e, L) },
		"time": func(L *lua.LState) int {
			L.Push(lua.LNumber(float64(time.Now().UnixMicro()) / 1e6))
			return 1
		},
		"monotonic": func(L *lua.LState) int {
			L.Push(lua.LNumber(monotonic().Seconds()))
			return 1
		},
	}, 0)
	return t, nil
}

// last is how much of a sleep is a nap, at most.
const last = 1500 * time.Microsecond

func sleep(e *luabind.Host, L *lua.LState) int {
	seconds := float64(L.CheckNumber(1))
	if !(seconds >= 0) { // nan is no length either
		L.RaiseError("sleep length must be non-negative")
	}
	length := Duration(seconds)
	begin := monotonic()
	if length > last {
		e.Pauses("sleep")
		defer e.Resumes()
	}
	timer := time.NewTimer(max(0, length-last))
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			select {
			case <-e.News(): // a busy machine may have given it no time to look before
				e.Attended()
			default:
			}
			// By the clock that scripts see: Go's may lag behind it on Windows.
			for left := length - (monotonic() - begin); left > 0; left = length - (monotonic() - begin) {
				nap(left)
			}
			return 0
		case <-e.News():
			e.Attended()
		case <-e.Context().Done():
			L.RaiseError("%s", e.Context().Err())
		}
	}
}

// Duration converts seconds; what is too long for a time.Duration becomes the
// longest one, 292 years.
func Duration(seconds float64) time.Duration {
	const longest = 1<<63 - 1
	if seconds >= longest/float64(time.Second) {
		return longest
	}
	return time.Duration(seconds * float64(time.Second))
}
