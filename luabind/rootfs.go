package luabind

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/spf13/afero"
)

// RootFs returns a file system of the directory dir and what lies below it, and
// of nothing else: the one to give to a script that may have one directory
// only.
//
// Whatever the name, no operation reaches a file outside dir by it, neither for
// reading nor for writing, renaming or removing:
//
//   - "/x" is x in dir. There is no other root.
//   - "../x" is an error that is fs.ErrPermission. "sub/../x" is x.
//   - A symbolic link is followed as long as it leads to something in dir. One
//     that leads out, and any that is absolute, is that same error; it can be
//     removed and renamed, being itself in dir. This holds also while somebody
//     else changes the directories and links on the way (but not on Plan 9 and
//     in a browser, see os.Root).
//
// What lies in dir is trusted, though: a hard link or a mount of something from
// elsewhere, a device, a named pipe.
//
// afero.BasePathFs, for comparison, guarantees none of it. It checks the names
// only: by a symbolic link in its directory a script leaves it for reading and
// writing, and by "../data-of-others" where its directory is called "data".
//
// The file system keeps dir open until it is garbage or, being an io.Closer,
// closed. If dir is renamed meanwhile, that changes nothing.
func RootFs(dir string) (afero.Fs, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &rootFs{root}, nil
}

type rootFs struct{ root *os.Root }

var _ afero.Lstater = &rootFs{}

func (r *rootFs) Name() string { return "RootFs" }
func (r *rootFs) Close() error { return r.root.Close() }

// inside makes a name relative to the root.
func inside(name string) string {
	i := 0
	for i < len(name) && os.IsPathSeparator(name[i]) {
		i++
	}
	if i > 0 && i == len(name) {
		return "."
	}
	return name[i:]
}

// outsideError is what os.Root says of names that lead out, so that it can be
// told from other errors.
type outsideError struct{ error }

func (outsideError) Is(target error) bool { return target == fs.ErrPermission }

// refusal marks the errors of os.Root itself: those of the operating system have
// a number.
func refusal(err error) error {
	var errno syscall.Errno
	if err == nil || errors.As(err, &errno) {
		return err
	}
	for _, known := range []error{fs.ErrNotExist, fs.ErrExist, fs.ErrClosed, fs.ErrInvalid, fs.ErrPermission} {
		if errors.Is(err, known) {
			return err
		}
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return &fs.PathError{Op: path.Op, Path: path.Path, Err: outsideError{path.Err}}
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return &os.LinkError{Op: link.Op, Old: link.Old, New: link.New, Err: outsideError{link.Err}}
	}
	return outsideError{err}
}

// opened keeps a nil *os.File from becoming an afero.File that isn't nil.
func opened(f *os.File, err error) (afero.File, error) {
	if err != nil {
		return nil, refusal(err)
	}
	return f, nil
}

func (r *rootFs) Create(name string) (afero.File, error) { return opened(r.root.Create(inside(name))) }
func (r *rootFs) Open(name string) (afero.File, error)   { return opened(r.root.Open(inside(name))) }

func (r *rootFs) OpenFile(name string, flag int, perm os.FileMode) (afero.File, error) {
	return opened(r.root.OpenFile(inside(name), flag, perm))
}

func (r *rootFs) Mkdir(name string, perm os.FileMode) error {
	return refusal(r.root.Mkdir(inside(name), perm))
}

func (r *rootFs) MkdirAll(name string, perm os.FileMode) error {
	return refusal(r.root.MkdirAll(inside(name), perm))
}

func (r *rootFs) Remove(name string) error    { return refusal(r.root.Remove(inside(name))) }
func (r *rootFs) RemoveAll(name string) error { return refusal(r.root.RemoveAll(inside(name))) }

func (r *rootFs) Rename(from, to string) error {
	return refusal(r.root.Rename(inside(from), inside(to)))
}

func (r *rootFs) Stat(name string) (os.FileInfo, error) {
	info, err := r.root.Stat(inside(name))
	return info, refusal(err)
}

// LstatIfPossible always can.
func (r *rootFs) LstatIfPossible(name string) (os.FileInfo, bool, error) {
	info, err := r.root.Lstat(inside(name))
	return info, true, refusal(err)
}

func (r *rootFs) Chmod(name string, mode os.FileMode) error {
	return refusal(r.root.Chmod(inside(name), mode))
}

func (r *rootFs) Chown(name string, uid, gid int) error {
	return refusal(r.root.Chown(inside(name), uid, gid))
}

func (r *rootFs) Chtimes(name string, atime, mtime time.Time) error {
	return refusal(r.root.Chtimes(inside(name), atime, mtime))
}
