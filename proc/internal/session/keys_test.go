package session

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestKeyTexts(t *testing.T) {
	script, worker := NewKeys()
	s, err := ParseScriptKey(script.Text())
	if err != nil || !s.Private.Equal(script.Private) || !bytes.Equal(s.Secret, script.Secret) || s.Password != script.Password {
		t.Errorf("%v %v", s, err)
	}
	w, err := ParseWorkerKey(worker.Text())
	if err != nil || !w.Public.Equal(worker.Public) || !bytes.Equal(w.Secret, worker.Secret) || w.Password != worker.Password {
		t.Errorf("%v %v", w, err)
	}
	if script.Password == worker.Password {
		t.Error("both roles have one password")
	}
	for name, text := range map[string][]byte{
		"the other kind":  worker.Text(),
		"nothing":         nil,
		"a part":          script.Text()[:60],
		"no base64":       []byte(scriptTitle + "\nprivate ???\n"),
		"a short private": []byte(scriptTitle + "\nprivate AAAA\nsecret AAAA\n"),
	} {
		if _, err := ParseScriptKey(text); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v, want %v", name, err, ErrKey)
		}
	}
}

// A key is as long as may be, and its Text has a newline more. It is no seed of FuzzKey: Go would take a minute to make less of it.
func TestLongKey(t *testing.T) {
	key, _ := fixedKeys()
	key.Password += strings.Repeat("p", maxKey+1-len(key.Text()))
	text := bytes.TrimSpace(key.Text())
	if k, err := ParseScriptKey(text); len(text) != maxKey || err != nil || !reflect.DeepEqual(k, key) {
		t.Errorf("%d bytes: %v", len(text), err)
	}
	if k, err := ParseScriptKey(key.Text()); err != nil || !reflect.DeepEqual(k, key) {
		t.Errorf("with a newline more: %v", err)
	}
	key.Password += "p"
	if _, err := ParseScriptKey(key.Text()); err != ErrKey {
		t.Errorf("a byte more: got %v, want %v", err, ErrKey)
	}
}

// fixedKeys are the same in all processes that fuzz, so that what one of them finds is found by the others.
func fixedKeys() (*ScriptKey, *WorkerKey) {
	private, secret := ed25519.NewKeyFromSeed(bytes.Repeat([]byte("k"), ed25519.SeedSize)), bytes.Repeat([]byte("s"), secretSize)
	return &ScriptKey{private, secret, "password"}, &WorkerKey{private.Public().(ed25519.PublicKey), secret, "password"}
}

func FuzzKey(f *testing.F) {
	script, worker := fixedKeys()
	f.Add(script.Text())
	f.Add(worker.Text())
	f.Fuzz(func(t *testing.T, text []byte) {
		if k, err := ParseScriptKey(text); err == nil {
			if again, err := ParseScriptKey(k.Text()); err != nil || !reflect.DeepEqual(again, k) {
				t.Errorf("%q is another key, or none any more: %v", k.Text(), err)
			}
		}
		if k, err := ParseWorkerKey(text); err == nil {
			if again, err := ParseWorkerKey(k.Text()); err != nil || !reflect.DeepEqual(again, k) {
				t.Errorf("%q is another key, or none any more: %v", k.Text(), err)
			}
		}
	})
}
