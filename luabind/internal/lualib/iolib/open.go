package iolib

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/spf13/afero"
)

// mode is how a file is opened, as for C's fopen.
type mode struct {
	flag                   int
	reads, writes, appends bool
	text                   bool // where Host.Text is set
}

// parseMode reads "r", "w" or "a", and after it "+", "b" for no text mode, or "x" for a file that must
// be new. The rest means nothing, as with glibc.
func parseMode(s string) (mode, error) {
	kind, rest := s[:min(len(s), 1)], s[min(len(s), 1):]
	var m mode
	switch kind {
	case "r":
		m = mode{flag: os.O_RDONLY, reads: true}
	case "w":
		m = mode{flag: os.O_WRONLY | os.O_CREATE | os.O_TRUNC, writes: true}
	case "a":
		m = mode{flag: os.O_WRONLY | os.O_CREATE | os.O_APPEND, writes: true, appends: true}
	default:
		return m, syscall.EINVAL
	}
	if strings.Contains(rest, "+") {
		m.flag = m.flag&^os.O_WRONLY | os.O_RDWR
		m.reads, m.writes = true, true
	}
	if strings.Contains(rest, "x") {
		m.flag |= os.O_EXCL
	}
	m.text = !strings.Contains(rest, "b")
	return m, nil
}

// openFile opens a file as C's fopen does. Opening a named pipe may block: when
// ctx ends that is left to a goroutine.
func (h *Host) openFile(ctx context.Context, name, how string) (*stream, error) {
	m, err := parseMode(how)
	if err != nil {
		return nil, err
	}
	m.text = m.text && h.Text
	type result struct {
		f   afero.File
		err error
	}
	fsys, name := h.fs(), h.Path(name)
	news := newsOf(ctx)
	if ctx.Done() == nil && news.Come == nil {
		f, err := openChecked(fsys, name, m)
		if err != nil {
			return nil, err
		}
		return newStream(f, m), nil
	}
	if ctx.Err() != nil {
		return nil, &endedError{ctx}
	}
	opened := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil { // as in performApart
				r = result{err: fmt.Errorf("%v", p)}
			}
			opened <- r
		}()
		r.f, r.err = openChecked(fsys, name, m)
	}()
	returned := false
	defer func() {
		if !returned {
			go func() {
				if r := <-opened; r.err == nil {
					r.f.Close()
				}
			}()
		}
	}()
	for {
		select {
		case r := <-opened:
			returned = true
			if r.err != nil {
				return nil, r.err
			}
			return newStream(r.f, m), nil
		case <-news.Come:
			news.Run()
		case <-ctx.Done():
			return nil, &endedError{ctx}
		}
	}
}

// openChecked opens a file, and refuses what file systems outside the operating
// system let pass: names that C can't have, directories to write to, files that
// will fail only when they are written.
func openChecked(fsys afero.Fs, name string, m mode) (f afero.File, err error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if _, ok := fsys.(afero.FromIOFS); ok && m.writes { // such as embed.FS
		return nil, fs.ErrPermission
	}
	if m.text && m.reads && m.writes {
		cutCtrlZ(fsys, name)
	}
	f, err = fsys.OpenFile(name, m.flag, 0o666)
	if err != nil {
		return nil, err
	}
	if _, ok := f.(*os.File); ok || !m.writes {
		return f, nil
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = syscall.EISDIR
	}
	if err == nil {
		_, err = f.Write(nil)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func checkName(name string) error {
	// As Linux does. File systems outside the operating system would go through it again and again.
	const longest = 4095
	switch {
	case len(name) > longest:
		return syscall.ENAMETOOLONG
	case name == "":
		return syscall.ENOENT
	case strings.Contains(name, "\x00"):
		return syscall.EINVAL
	}
	return nil
}

func newStream(f afero.File, m mode) *stream {
	s := &stream{seeker: f, handle: f, appends: m.appends, limit: bufferSize, text: text{on: m.text}}
	if m.reads {
		s.reader = f
	}
	if m.writes {
		s.writer = f
	}
	if _, ok := f.(*os.File); m.reads && !(ok && namesDirectories) {
		if info, err := f.Stat(); err == nil && info.IsDir() {
			s.reader = directory{}
		}
	}
	if m.appends {
		// As glibc: "a" begins at the end, "a+" at the start. Where a file can't seek,
		// a named pipe say, there is neither.
		whence := io.SeekEnd
		if m.reads {
			whence = io.SeekStart
		}
		f.Seek(0, whence)
	}
	return s
}

// directory is what can be read of one.
type directory struct{}

func (directory) Read([]byte) (int, error) { return 0, syscall.EISDIR }

// createTemp makes a new file that nobody else has, where C would, or in the
// root of a file system that has no such directory.
func (h *Host) createTemp() (f afero.File, name string, err error) {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	dir := tempDir(h.getenv) + "/"
	for range 1000 {
		b := []byte("lua_XXXXXX")
		for i := 4; i < len(b); i++ {
			b[i] = letters[rand.N(len(letters))]
		}
		name = dir + string(b)
		f, err = h.fs().OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		switch {
		case err == nil:
			return f, name, nil
		case errors.Is(err, fs.ErrExist):
		case dir != "" && errors.Is(err, fs.ErrNotExist):
			dir = ""
		default:
			return nil, "", err
		}
	}
	return nil, "", err
}

// tempFile opens a file that vanishes when it is closed, or before.
func (h *Host) tempFile() (*stream, error) {
	f, name, err := h.createTemp()
	if err != nil {
		return nil, err
	}
	s := newStream(f, mode{reads: true, writes: true})
	s.private = true
	fsys := h.fs()
	if fsys.Remove(name) != nil { // where an open file can't be removed
		s.remove = func() error { return fsys.Remove(name) }
	}
	return s, nil
}

// remove removes a file or an empty directory, as C's remove does.
func (h *Host) remove(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return h.removeAt(h.Path(name))
}

// removeAt is remove for what Path returns.
func (h *Host) removeAt(name string) error {
	fsys := h.fs()
	if _, ok := fsys.(*afero.OsFs); ok {
		return fsys.Remove(name)
	}
	info, err := lstat(fsys, name)
	switch {
	case err != nil:
		return err
	case info.IsDir() && isRoot(name): // file systems in memory remove it, and full ones
		return syscall.EBUSY
	case info.IsDir():
		if names, _ := afero.ReadDir(fsys, name); len(names) > 0 {
			return syscall.ENOTEMPTY
		}
	}
	return fsys.Remove(name)
}

// rename renames a file, as C's rename does.
func (h *Host) rename(from, to string) error {
	for _, name := range []string{from, to} {
		if err := checkName(name); err != nil {
			return err
		}
	}
	from, to = h.Path(from), h.Path(to)
	source, err := lstat(h.fs(), from)
	switch {
	case err != nil:
		return err
	case isRoot(from), isRoot(to):
		return syscall.EBUSY
	case below(to, from): // file systems in memory would lose it
		return syscall.EINVAL
	case below(from, to):
		return syscall.ENOTEMPTY
	}
	// What there is gives way if it is of the same kind. Go's own rename refuses an
	// empty directory.
	if target, err := lstat(h.fs(), to); err == nil && path.Clean(to) != path.Clean(from) && !os.SameFile(source, target) {
		switch {
		case target.IsDir() && !source.IsDir():
			return syscall.EISDIR
		case source.IsDir() && !target.IsDir():
			return syscall.ENOTDIR
		case target.IsDir():
			if err := h.removeAt(to); err != nil {
				return err
			}
		}
	}
	return h.fs().Rename(from, to)
}

// below says whether the name leads to something in dir.
func below(name, dir string) bool {
	return strings.HasPrefix(path.Clean(name), strings.TrimSuffix(path.Clean(dir), "/")+"/")
}

func isRoot(name string) bool {
	return strings.Trim(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/") == ""
}

// lstat describes a file without following a symbolic link, if it can.
func lstat(fsys afero.Fs, name string) (os.FileInfo, error) {
	if l, ok := fsys.(afero.Lstater); ok {
		info, _, err := l.LstatIfPossible(name)
		return info, err
	}
	return fsys.Stat(name)
}
