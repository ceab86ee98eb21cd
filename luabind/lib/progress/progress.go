// Package progress is the Lua module "progress": bars that show on the terminal how far
// something has come.
//
//	script      progress{...}, progress(f, ...)    binding.go, iterator.go
//	   |
//	  Bar       what is done, since when           bar.go, count.go
//	   | line of text                              layout.go
//	terminal    draws all bars of this process     terminal.go
//	   | escape sequences                          screen.go
//	  file      size, rows, signals                file_unix.go
//
// # Where the bars are
//
// They have the last rows of the terminal, and a scroll region keeps everything else above
// them. So whoever prints needs to know nothing of bars: this script, a process that it has
// started before or after, the commands of these. Nothing is copied through anybody. Each
// process that shows bars on a terminal takes rows of its own, by locks on the terminal's
// file, where the system has them (Linux); elsewhere bars of several processes at once are
// drawn one over the other.
//
// A terminal is what standard error leads to where that is one, unless TERM is dumb or
// missing; on Windows nothing is. While another process group has the terminal, as while this
// one runs in the background of a shell, nothing is drawn.
//
// # When they end
//
// The rows are given back when a bar is closed, when the loop has ended that calls the
// iterator (see luabind's Host.FollowLoop), when the run of the script ends, and by
// Host.Mute: a program that a signal ends while bars are shown calls that first, as the
// luaspawn command does. After SIGKILL, SIGQUIT or a crash the terminal keeps the region, until
// the next bar, a change of its size, or the command reset.
package progress

import (
	_ "embed"
	"maps"
	"slices"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
)

// Module is what require "progress" returns, a function.
var Module = luabind.Module{Name: "progress", Open: open, Manual: manual}

//go:embed stub.lua
var manual string

// library is the module in one engine.
type library struct {
	host *luabind.Host

	mu    sync.Mutex
	bars  map[*Bar]bool // that are shown
	muted bool          // the program is about to end: nothing is shown any more
}

// registryKey is where an engine keeps its library.
const registryKey = "luaspawn.progress"

func open(h *luabind.Host) (lua.LValue, error) {
	lib := &library{host: h, bars: map[*Bar]bool{}}
	h.OnReturn(lib.pause)
	h.OnClose(lib.pause)
	h.OnMute(lib.mute)
	glua.SetNamed(inside.State(h).G.Registry, registryKey, &lua.LUserData{Value: lib, Metatable: lua.LNil})
	return lib.bind(inside.State(h)), nil
}

// libraryOf returns the module in the engine of h; nil: it isn't one of the Config's.
func libraryOf(h *luabind.Host) *library {
	if ud, ok := glua.Named(inside.State(h).G.Registry, registryKey).(*lua.LUserData); ok {
		return ud.Value.(*library)
	}
	return nil
}

// enter begins to show b, and says whether it may be shown.
func (lib *library) enter(b *Bar) bool {
	lib.mu.Lock()
	defer lib.mu.Unlock()
	if !lib.muted {
		lib.bars[b] = true
	}
	return !lib.muted
}

func (lib *library) leave(b *Bar) {
	lib.mu.Lock()
	defer lib.mu.Unlock()
	delete(lib.bars, b)
}

// shown returns the bars that are shown.
func (lib *library) shown() []*Bar {
	lib.mu.Lock()
	defer lib.mu.Unlock()
	if len(lib.bars) == 0 { // mostly
		return nil
	}
	return slices.Collect(maps.Keys(lib.bars))
}

// pause takes all bars from the terminal when a run has ended. One that something is added
// to in a later run is shown again.
func (lib *library) pause() {
	for _, b := range byAge(lib.shown()) {
		b.unfollow()
		b.pause()
	}
}

// mute takes all bars from the terminal for good. Any goroutine may call it.
func (lib *library) mute() {
	lib.mu.Lock()
	lib.muted = true
	lib.mu.Unlock()
	for _, b := range byAge(lib.shown()) {
		b.pause()
	}
}

// interval is the time between two drawings, at least.
const interval = 100 * time.Millisecond

// linesInterval is the time between two lines where there is no terminal.
const linesInterval = 10 * time.Second
