package session

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// A ScriptKey is the key of scripts: it lets them submit tasks.
type ScriptKey struct {
	Private  ed25519.PrivateKey
	Secret   []byte // workers have it too
	Password string // of the script's role at the server; empty: it has none
}

// A WorkerKey is the key of workers, which take tasks from scripts that have the ScriptKey of the pair.
type WorkerKey struct {
	Public   ed25519.PublicKey
	Secret   []byte
	Password string
}

// NewKeys makes a pair of keys.
func NewKeys() (*ScriptKey, *WorkerKey) {
	public, private, _ := ed25519.GenerateKey(nil) // which fails only where its source does, and then the program ends
	secret := make([]byte, secretSize)
	rand.Read(secret)
	return &ScriptKey{private, secret, rand.Text()}, &WorkerKey{public, secret, rand.Text()}
}

const secretSize = 32

// The first lines of the files.
const (
	scriptTitle = "luaspawn script key 1"
	workerTitle = "luaspawn worker key 1"
)

// ErrKey is the error of a text that is no key.
var ErrKey = errors.New("this is no key")

// Text returns the key as it is kept in a file.
func (k *ScriptKey) Text() []byte {
	return keyText(scriptTitle, "private", k.Private.Seed(), k.Secret, k.Password)
}

// Text returns the key as it is kept in a file.
func (k *WorkerKey) Text() []byte {
	return keyText(workerTitle, "public", k.Public, k.Secret, k.Password)
}

func keyText(title, name string, key, secret []byte, password string) []byte {
	base := base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, "%s\n%s %s\nsecret %s\npassword %s\n", title, name, base(key), base(secret), password)
}

// ParseScriptKey reads a key that [ScriptKey.Text] has returned.
func ParseScriptKey(text []byte) (*ScriptKey, error) {
	seed, secret, password, err := parseKey(text, scriptTitle, "private", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return &ScriptKey{ed25519.NewKeyFromSeed(seed), secret, password}, nil
}

// ParseWorkerKey reads a key that [WorkerKey.Text] has returned.
func ParseWorkerKey(text []byte) (*WorkerKey, error) {
	public, secret, password, err := parseKey(text, workerTitle, "public", ed25519.PublicKeySize)
	if err != nil {
		return nil, err
	}
	return &WorkerKey{ed25519.PublicKey(public), secret, password}, nil
}

// maxKey is how many bytes the file of a key can have, without space around them.
const maxKey = 1 << 12

func parseKey(text []byte, title, name string, size int) (key, secret []byte, password string, err error) {
	if text = bytes.TrimSpace(text); len(text) > maxKey {
		return nil, nil, "", ErrKey
	}
	lines := strings.Split(string(text), "\n")
	if first := strings.TrimSpace(lines[0]); first != title {
		if first == scriptTitle || first == workerTitle {
			return nil, nil, "", fmt.Errorf("%w of the kind that is needed: it is a %s, not a %s", ErrKey, kindOf(first), kindOf(title))
		}
		return nil, nil, "", ErrKey
	}
	for _, line := range lines[1:] {
		word, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case name:
			key, err = base64.StdEncoding.DecodeString(value)
		case "secret":
			secret, err = base64.StdEncoding.DecodeString(value)
		case "password":
			password = value
		}
		if err != nil {
			return nil, nil, "", fmt.Errorf("%w: %v", ErrKey, err)
		}
	}
	if len(key) != size || len(secret) != secretSize {
		return nil, nil, "", fmt.Errorf("%w: a part of it is missing", ErrKey)
	}
	return key, secret, password, nil
}

func kindOf(title string) string {
	return strings.TrimSuffix(strings.TrimPrefix(title, "luaspawn "), " 1")
}
