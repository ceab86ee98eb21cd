package remote

import (
	"path/filepath"

	"luaspawn/proc/internal/session"
)

// A ScriptKey is what a script needs to submit tasks. It is kept in a file script.key.
type ScriptKey struct{ key *session.ScriptKey }

// KeyDir returns the directory where keys are by default: LUASPAWN_KEYS, or luaspawn in the
// directory for a user's state, by the XDG Base Directory Specification.
func KeyDir() (string, error) { return session.KeyDir() }

// ReadKey reads script.key in a directory.
func ReadKey(dir string) (*ScriptKey, error) {
	return scriptKey(session.ReadKey(filepath.Join(dir, session.ScriptFile), session.ParseScriptKey))
}

// MakeKeys makes script.key, and worker.key for the machines, in a directory where neither is there. It returns the
// script's.
func MakeKeys(dir string) (*ScriptKey, error) {
	script, _, err := session.MakeKeys(dir)
	return scriptKey(script, err)
}

// ParseKey reads the text of a script.key.
func ParseKey(text []byte) (*ScriptKey, error) { return scriptKey(session.ParseScriptKey(text)) }

func scriptKey(k *session.ScriptKey, err error) (*ScriptKey, error) {
	if err != nil {
		return nil, err
	}
	return &ScriptKey{k}, nil
}

// Password returns the password with which scripts connect to the server.
func (k *ScriptKey) Password() string { return k.key.Password }
