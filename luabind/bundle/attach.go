package bundle

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Host reads a program that can carry a bundle: this one, where name is empty. What it
// carries already is left out.
func Host(name string) ([]byte, error) {
	path, err := name, error(nil)
	if name == "" {
		name = "this program"
		if path, err = executable(); err != nil {
			return nil, err
		}
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := findMark(program)
	if err != nil {
		return nil, fmt.Errorf("%s %w", name, err)
	}
	if offset, _, _ := m.payload(); m.attached() && uint64(offset) < uint64(len(program)) {
		program = program[:offset]
	}
	return program, nil
}

// findMark returns the mark in the file of a program.
func findMark(program []byte) (*marking, error) {
	at := bytes.Index(program, mark[:magicSize])
	switch {
	case at < 0 || len(program)-at < len(mark):
		return nil, errors.New("is no luaspawn, or one that is packed")
	case bytes.Contains(program[at+1:], mark[:magicSize]):
		return nil, errors.New("is several programs in one file")
	}
	return (*marking)(program[at:]), nil
}

// Attach returns an app: program, which Host has read, with b. It is the same for the same
// program and bundle.
func Attach(program []byte, b *Bundle) ([]byte, error) {
	payload := b.pack()
	if len(payload) > maxPayload {
		return nil, fmt.Errorf("the sources are larger than %d bytes", maxPayload)
	}
	app := append(bytes.Clone(program), payload...)
	m, err := findMark(app[:len(program)])
	if err != nil {
		return nil, err
	}
	m.set(int64(len(program)), int64(len(payload)), sha256.Sum256(payload))
	if err := resign(app[:len(program)], bytes.Index(app, m[:magicSize]), len(m)); err != nil {
		return nil, err
	}
	return app, nil
}

// Write writes an app as an executable file, in one step: there is either what was there before, or all of it. What is no
// file, a pipe or /dev/null say, stays what it is, and gets the bytes.
func Write(name string, app []byte) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err == nil {
			_, err = f.Write(app)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return fmt.Errorf("cannot write %s: %w", name, err)
		}
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	temporary := f.Name()
	_, err = f.Write(app)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Chmod(temporary, 0o777&^umask())
	}
	if err == nil {
		err = os.Rename(temporary, name)
	}
	if err != nil {
		os.Remove(temporary)
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	return nil
}
