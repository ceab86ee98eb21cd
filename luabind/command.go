package luabind

import (
	"errors"
	"os"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lualib/iolib"
)

// This file holds what a module wants that runs programs for scripts, as io.popen does.

// A Program is what is to be run.
type Program = iolib.Program

// A Running is a program that was started.
type Running = iolib.Running

// ErrNoShell is the error of RunProgram where Config.Shell is false.
var ErrNoShell = errors.New("luabind: Config.Shell is false")

// ErrNoFile is the error of FileOf for what is no open file of the operating system.
var ErrNoFile = iolib.ErrNoFile

// RunProgram starts a program, where Config.Shell allows it. If the context of the run under way
// ends, it is killed; at the end of the engine it goes on.
func (h *Host) RunProgram(p Program) (*Running, error) {
	if !h.config.Shell {
		return nil, ErrNoShell
	}
	return h.io.Run(h.runContext(), p)
}

// NewFile returns f, one end of a pipe, as a file as io.open returns them: to read, or to
// write, which goes out line by line unless setvbuf says otherwise. The script has it from then on. Config.TextMode
// holds for it, unless SetText says otherwise.
func (h *Host) NewFile(f *os.File, writes bool) lua.LValue {
	return h.io.NewFile(h.state, f, writes)
}

// FileOf returns the file of the operating system behind a file of a script, with
// nothing held back. It stays the script's.
func (h *Host) FileOf(v lua.LValue) (*os.File, error) { return h.io.FileOf(v) }

// SetText turns text mode on or off for an open file of a script, whatever Config.TextMode says, and
// returns whether it was on.
func (h *Host) SetText(v lua.LValue, on bool) (was bool) { return iolib.SetText(v, on) }

// CloseFile closes what NewFile has returned, if the script hasn't. It is for OnClose.
func (h *Host) CloseFile(v lua.LValue) { h.io.CloseFile(v) }
