package luabind

import (
	"os"
	"path"
	"path/filepath"
	"syscall"
)

// The directory of a script: where the names of its files begin that are relative. A module
// such as lfs may change it; that is the engine's alone. The program stays where it is, and so do
// its other engines.

// Path returns what leads to a file in Fs from its name for a script, which differs where
// the script has changed its directory.
func (h *Host) Path(name string) string { return h.io.Path(name) }

// Dir returns the directory that the script has changed to; empty: none.
func (h *Host) Dir() string { return h.io.Dir }

// CommandDir is Dir for commands that a module starts; empty: they begin where the
// program is, also where Fs is not the machine's.
func (h *Host) CommandDir() string { return h.io.CommandDir }

// SetDir lets relative names begin in dir, which Dir of another engine has returned.
func (h *Host) SetDir(dir string) {
	h.io.Dir, h.io.CommandDir = dir, ""
	if dir != "" && h.isMachine() {
		h.io.CommandDir = dir
	}
}

// Chdir changes the directory of the script. Its error is that of the file system.
func (h *Host) Chdir(name string) error {
	machine := h.isMachine()
	to := h.Path(name)
	if !machine {
		to = path.Clean(to)
	}
	info, err := h.io.Fs.Stat(to)
	if err == nil && !info.IsDir() {
		err = syscall.ENOTDIR
	}
	if err == nil && machine { // may it be entered?
		_, err = h.io.Fs.Stat(to + "/.")
	}
	if err != nil {
		return err
	}
	if machine {
		if to, err = filepath.Abs(to); err == nil {
			to, err = filepath.EvalSymlinks(to) // as the system says it
		}
		if err != nil {
			return err
		}
	} else if to == "/" || to == "." {
		to = ""
	}
	h.SetDir(to)
	return nil
}

// Getwd returns the name of the directory of the script: absolute, as Fs has it.
func (h *Host) Getwd() (string, error) {
	switch {
	case h.isMachine() && h.io.Dir == "":
		return os.Getwd()
	case h.isMachine():
		return h.io.Dir, nil
	}
	return path.Join("/", h.io.Dir), nil
}

// isMachine says whether names in Fs are those of the machine.
func (h *Host) isMachine() bool {
	here, err := os.Getwd()
	if err != nil { // it was removed
		here = string(filepath.Separator)
	}
	same := func(name string) bool {
		ours, err1 := os.Stat(name)
		theirs, err2 := h.io.Fs.Stat(name)
		return err1 == nil && err2 == nil && os.SameFile(ours, theirs)
	}
	return same(here) && same(".")
}
