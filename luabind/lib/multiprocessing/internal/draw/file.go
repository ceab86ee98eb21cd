package draw

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// CheckFile returns an error where File couldn't write a file: its name has no ending that is
// known, its directory isn't there, or the file is and can't be written. It makes none: that one can be made is seen
// when the recording is made beside it, and to take the place of a file makes some file systems write at once.
func CheckFile(name string) error {
	if err := Check(name); err != nil {
		return err
	}
	if info, err := os.Stat(name); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		return nil // to open it waits for who reads it, and to close it would be the end for that one
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Dir(name)); err == nil {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("cannot write timeline: %w", err)
	}
	return f.Close()
}

// File draws a recording into a file, which is replaced as a whole.
func File(name, recording, title string) error {
	if err := Check(name); err != nil {
		return err
	}
	run, err := trace.Read(recording)
	if err != nil {
		return fmt.Errorf("cannot draw timeline: %w", err)
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { // a pipe, a terminal
		return write(name, run, title)
	}
	part := name + ".part" + filepath.Ext(name)
	if err := write(part, run, title); err != nil {
		os.Remove(part)
		return err
	}
	if err := os.Rename(part, name); err != nil {
		os.Remove(part)
		return fmt.Errorf("cannot write timeline: %w", err)
	}
	return nil
}

func write(name string, run *trace.Run, title string) error {
	survive()
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666) // to write alone: a pipe has its own reader else
	if err != nil {
		return fmt.Errorf("cannot write timeline: %w", err)
	}
	err = Write(f, name, run, title)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("cannot write timeline: %w", err)
	}
	return nil
}
