package iolib

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"
)

// A Program is what a script runs beside itself, with more to say about it than a command
// of os.execute has.
type Program struct {
	Args           []string // the program and its arguments; one that has no slash is looked for in PATH
	Line           string   // where Args is empty: a line for the shell
	Dir            string   // where it runs; empty: where this program does
	Env            []string // "NAME=value"; nil: Environ
	Stdin          *os.File // nil: that of the host
	Stdout, Stderr *os.File // the same; Stderr is Stdout where Joined is set
	Joined         bool
}

// Running is a program that was started.
type Running struct {
	c    *command
	done chan struct{}
}

// Run starts a program. Where ctx ends it is killed. The caller may close the files of p
// then.
func (h *Host) Run(ctx context.Context, p Program) (*Running, error) {
	env := p.Env
	if env == nil {
		env = h.Environ
	}
	dir := h.CommandDir
	if filepath.IsAbs(p.Dir) {
		dir = p.Dir
	} else if p.Dir != "" {
		dir = filepath.Join(h.CommandDir, p.Dir)
	}
	cmd := shell(p.Line)
	if len(p.Args) > 0 {
		path, err := find(p.Args[0], env, dir)
		if err != nil {
			return nil, err
		}
		cmd = &exec.Cmd{Path: path, Args: p.Args}
	}
	cmd.Env = append([]string{}, env...) // nil would mean that of this program
	cmd.Dir = dir
	if p.Dir != "" {
		// The error of a start doesn't say which of the two isn't there.
		if info, err := os.Stat(cmd.Dir); err != nil {
			return nil, err
		} else if !info.IsDir() {
			return nil, &fs.PathError{Op: "chdir", Path: p.Dir, Err: syscall.ENOTDIR}
		}
	}
	c, err := h.launch(ctx, cmd, streams{p.Stdin, p.Stdout, p.Stderr, p.Joined})
	if err != nil {
		return nil, err
	}
	r := &Running{c: c, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		c.await()
	}()
	return r, nil
}

// find returns the file of a program, as execvp finds it in the PATH of env. What is
// relative begins in dir, where the program runs; empty: where this one does.
func find(name string, env []string, dir string) (string, error) {
	if runtime.GOOS == "windows" {
		if strings.ContainsAny(name, `/\`) && filepath.VolumeName(name) == "" && !os.IsPathSeparator(name[0]) {
			var err error
			if name, err = filepath.Abs(filepath.Join(dir, name)); err != nil {
				return "", err
			}
		}
		return exec.LookPath(name)
	}
	if strings.Contains(name, "/") {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
		return name, nil // relative to where it runs
	}
	path := "/bin:/usr/bin"
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, "PATH="); ok {
			path = value
			break
		}
	}
	var refused error
	for _, in := range filepath.SplitList(path) {
		if in == "" {
			in = "."
		}
		file := filepath.Join(in, name)
		if !strings.Contains(file, "/") {
			file = "./" + file
		}
		there := file
		if !filepath.IsAbs(file) {
			there = filepath.Join(dir, file)
		}
		info, err := os.Stat(there)
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			refused = err
		case err != nil, info.IsDir():
		case info.Mode()&0o111 == 0:
			refused = fs.ErrPermission
		default:
			return file, nil
		}
	}
	if refused != nil {
		return "", refused
	}
	return "", fs.ErrNotExist
}

// Pid returns the process number.
func (r *Running) Pid() int { return r.c.cmd.Process.Pid }

// Done is closed when it has ended and was waited for, with what it has written to
// writers of the host copied.
func (r *Running) Done() <-chan struct{} { return r.done }

// Code returns its status, or -N where signal N has ended it. It is for after Done.
func (r *Running) Code() int {
	if code, ok := signalled(r.c.cmd.ProcessState); ok {
		return code
	}
	return r.c.cmd.ProcessState.ExitCode()
}

// Signal sends s, unless it has ended.
func (r *Running) Signal(s os.Signal) error {
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	if r.c.ended {
		return nil
	}
	err := sendSignal(r.c.cmd.Process, s)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// KillTree kills it with all that it has started, and so on.
func (r *Running) KillTree() {
	r.c.mu.Lock()
	ended := r.c.ended
	if !ended {
		killTree(r.c.cmd.Process)
	}
	r.c.mu.Unlock()
	r.c.kill()
}

// NewFile returns one end of a pipe as a file of the script, to read or to write. What is
// written goes out line by line.
func (h *Host) NewFile(L *lua.LState, f *os.File, writes bool) *lua.LUserData {
	s := &stream{handle: f, limit: bufferSize, byLine: true, text: text{on: h.Text}}
	if writes {
		s.writer = f
	} else {
		s.reader = f
	}
	return h.library.newFile(L, s)
}

// ErrNoFile is the error of a value that is no open file of the operating system.
var ErrNoFile = errors.New("not an open file of the operating system")

// FileOf returns what is behind a file of a script, with nothing held back.
func (h *Host) FileOf(v lua.LValue) (*os.File, error) {
	ud, _ := v.(*lua.LUserData)
	if ud == nil {
		return nil, ErrNoFile
	}
	f, ok := ud.Value.(*file)
	if !ok || f.closed {
		return nil, ErrNoFile
	}
	if f.busy {
		return nil, errBusy
	}
	if err := f.flush(h.context()); err != nil {
		return nil, err
	}
	for _, end := range []any{f.writer, f.reader} {
		if file := fileOf(end); file != nil {
			return file, nil
		}
	}
	return nil, ErrNoFile
}

// CloseFile closes what NewFile has returned, if the script hasn't.
func (h *Host) CloseFile(v lua.LValue) {
	if s := v.(*lua.LUserData).Value.(*file).stream; h.forget(s) {
		s.abandon()
	}
}
