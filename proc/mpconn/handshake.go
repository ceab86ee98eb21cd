package mpconn

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"fmt"
	"hash"
	"slices"
	"time"
)

const (
	challengePrefix = "#CHALLENGE#"
	welcome         = "#WELCOME#"
	failure         = "#FAILURE#"

	challengeSize    = 40 // bytes of a newer challenge
	oldChallengeSize = 20
	maxHandshake     = 256 // bytes of a message

	ourDigest = "sha256"
	ourMark   = "luaspawn" // the end of a challenge of ours
)

// handshakeTime is what a listener gives a peer for it all. A client waits as long
// as it likes for a listener, who may be busy with others.
const handshakeTime = 10 * time.Second

// digests are those that both sides of a newer handshake may choose.
var digests = [...]string{"md5", "sha256", "sha384", "sha3_256", "sha3_384"}

// newHash makes the hash of a digest of that name.
func newHash(digest string) hash.Hash {
	switch digest {
	case "md5":
		return md5.New()
	case "sha384":
		return sha512.New384()
	case "sha3_256":
		return sha3.New256()
	case "sha3_384":
		return sha3.New384()
	}
	return sha256.New()
}

// AuthError says that the handshake failed: the other side hasn't our key, or
// doesn't speak the protocol. Nothing of what it sent was used.
type AuthError struct{ Text string }

func (e *AuthError) Error() string { return e.Text }

func authError(format string, args ...any) error { return &AuthError{fmt.Sprintf(format, args...)} }

// handshake shows both sides that the other one has key.
func (c *Conn) handshake(ctx context.Context, key []byte, listener bool) error {
	ours := false
	answer := func(ctx context.Context, key []byte) (err error) {
		ours, err = c.answer(ctx, key)
		return err
	}
	steps := []func(context.Context, []byte) error{c.ask, answer}
	if !listener {
		steps[0], steps[1] = steps[1], steps[0]
	}
	for _, step := range steps {
		if err := step(ctx, key); err != nil {
			return err
		}
	}
	c.peer = Foreign
	if ours {
		c.peer = Luaspawn
	}
	return nil
}

// refuse ends a connection whose handshake has failed. A listener reports the error
// before: what the other side does when it is told must not be accepted earlier.
func (c *Conn) refuse(ctx context.Context) {
	if c.rejected {
		c.Send(ctx, []byte(failure)) // it fails either way
	}
	c.Close()
}

// ask lets the other side show that it has key.
func (c *Conn) ask(ctx context.Context, key []byte) error {
	random := make([]byte, challengeSize-len(ourMark))
	rand.Read(random) // never fails
	challenge := append([]byte("{"+ourDigest+"}"), random...)
	challenge = append(challenge, ourMark...)
	if err := c.Send(ctx, append([]byte(challengePrefix), challenge...)); err != nil {
		return err
	}
	response, err := c.Recv(ctx, maxHandshake)
	if err != nil {
		return err
	}
	if err := verify(key, challenge, response); err != nil {
		c.rejected = true
		return err
	}
	return c.Send(ctx, []byte(welcome))
}

// answer shows the other side that we have key. ours says whether it is this
// program that asks.
func (c *Conn) answer(ctx context.Context, key []byte) (ours bool, err error) {
	message, err := c.Recv(ctx, maxHandshake)
	if err != nil {
		return false, err
	}
	challenge, ok := bytes.CutPrefix(message, []byte(challengePrefix))
	if !ok {
		return false, authError("protocol error: no challenge came")
	}
	response, err := respond(key, challenge)
	if err != nil {
		return false, err
	}
	if err := c.Send(ctx, response); err != nil {
		return false, err
	}
	verdict, err := c.Recv(ctx, maxHandshake)
	if err != nil {
		return false, err
	}
	if string(verdict) != welcome {
		return false, authError("digest sent was rejected")
	}
	return bytes.HasSuffix(challenge, []byte(ourMark)), nil
}

// digestOf finds the digest that a challenge or a response names. That of an
// older peer, which names none, is "".
func digestOf(message []byte) (name string, rest []byte, err error) {
	if len(message) == oldChallengeSize || len(message) == md5.Size {
		return "", message, nil
	}
	if rest, ok := bytes.CutPrefix(message, []byte("{")); ok {
		if name, rest, ok := bytes.Cut(rest, []byte("}")); ok && slices.Contains(digests[:], string(name)) {
			return string(name), rest, nil
		}
	}
	return "", nil, authError("protocol error: no digest is named that is known here")
}

// respond returns the answer to a challenge.
func respond(key, challenge []byte) ([]byte, error) {
	if len(challenge) < oldChallengeSize {
		return nil, authError("protocol error: a challenge of %d bytes", len(challenge))
	}
	name, _, err := digestOf(challenge)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return mac("md5", key, challenge), nil
	}
	return append([]byte("{"+name+"}"), mac(name, key, challenge)...), nil
}

// verify returns an error unless response is the answer to challenge.
func verify(key, challenge, response []byte) error {
	name, got, err := digestOf(response)
	if err != nil {
		return err
	}
	if name == "" {
		name = "md5"
	}
	if !hmac.Equal(got, mac(name, key, challenge)) {
		return authError("digest received was wrong")
	}
	return nil
}

func mac(digest string, key, message []byte) []byte {
	h := hmac.New(func() hash.Hash { return newHash(digest) }, key)
	h.Write(message)
	return h.Sum(nil)
}
