package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Names of the files of keys.
const (
	ScriptFile = "script.key"
	WorkerFile = "worker.key"
)

// KeyDir returns the directory where keys are by default: LUASPAWN_KEYS, or luaspawn in the
// directory for a user's state, by the XDG Base Directory Specification.
func KeyDir() (string, error) {
	if dir := os.Getenv("LUASPAWN_KEYS"); dir != "" {
		return filepath.Abs(dir)
	}
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no directory for keys (LUASPAWN_KEYS says one): %w", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "luaspawn"), nil
}

// ReadKey reads the file of a key: parse is ParseScriptKey or ParseWorkerKey.
func ReadKey[K any](file string, parse func([]byte) (K, error)) (k K, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return k, fmt.Errorf("there is no key %s (luaspawnd serve makes it; copy it from there, or say where it is with LUASPAWN_KEYS)", file)
	}
	if err != nil {
		return k, err
	}
	if k, err = parse(text); err != nil {
		return k, fmt.Errorf("%s: %w", file, err)
	}
	return k, nil
}

// MakeKeys returns the keys in a directory. It makes them if neither is there.
func MakeKeys(dir string) (*ScriptKey, *WorkerKey, error) {
	script, worker := filepath.Join(dir, ScriptFile), filepath.Join(dir, WorkerFile)
	_, err1 := os.Lstat(script)
	_, err2 := os.Lstat(worker)
	if errors.Is(err1, fs.ErrNotExist) && errors.Is(err2, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, nil, err
		}
		s, w := NewKeys()
		if err := writeKey(worker, w.Text()); err != nil {
			return nil, nil, err
		}
		if err := writeKey(script, s.Text()); err != nil {
			return nil, nil, err
		}
	}
	s, err := ReadKey(script, ParseScriptKey)
	if err != nil {
		return nil, nil, err
	}
	w, err := ReadKey(worker, ParseWorkerKey)
	if err != nil {
		return nil, nil, err
	}
	if !w.Public.Equal(s.Private.Public()) {
		return nil, nil, fmt.Errorf("%s and %s are no pair", script, worker)
	}
	return s, w, nil
}

func writeKey(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
