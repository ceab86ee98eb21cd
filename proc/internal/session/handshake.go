package session

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Packets are
//
//	packet    = 'H' id hello | 'W' id welcome | 'S' id signature | 'R' id text | 'P' id counter sealed |
//	            'L' id counter length sealed sealed | 'G' pool
//	hello     = pool lease key mac        16, 4 (milliseconds), 32 and 32 bytes
//	welcome   = key length info mac       32, 2, as many and 32 bytes
//	signature = of all before it          64 bytes
//	text      = why a worker refuses      for people to read; it proves nothing
//	length    = of the first sealed       1 byte
//
// An id is the session's, 16 bytes; numbers are little-endian.
const (
	packetHello   = 'H'
	packetWelcome = 'W'
	packetStart   = 'S'
	packetRefuse  = 'R'
	packetSealed  = 'P'
	packetLong    = 'L'
	packetLeft    = 'G' // proves nothing either
)

// An ID names a session, a pool or a worker. It is random.
type ID [16]byte

// NewID returns a new ID.
func NewID() (id ID) {
	rand.Read(id[:])
	return id
}

const (
	headSize    = 1 + len(ID{})
	keySize     = 32
	macSize     = sha256.Size
	helloSize   = headSize + len(ID{}) + 4 + keySize + macSize
	welcomeSize = headSize + keySize + 2 + macSize // and the info
	startSize   = headSize + ed25519.SignatureSize
	maxInfo     = 1 << 12
	maxRefusal  = 1 << 10
)

// Leases are between these.
const (
	MinLease = 50 * time.Millisecond
	MaxLease = time.Hour
)

// cutHead returns the kind of a packet, the session that it is for, and the rest.
func cutHead(packet []byte) (kind byte, id ID, rest []byte, ok bool) {
	if len(packet) < headSize {
		return 0, id, nil, false
	}
	copy(id[:], packet[1:])
	return packet[0], id, packet[headSize:], true
}

// SessionOf returns the session that a packet is for.
func SessionOf(packet []byte) (id ID, ok bool) {
	_, id, _, ok = cutHead(packet)
	return id, ok
}

func head(kind byte, id ID) []byte { return append([]byte{kind}, id[:]...) }

func mac(secret []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, secret)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// cutMac takes the mac off a packet, and reports whether it is right.
func cutMac(secret, packet []byte, before ...[]byte) (rest []byte, ok bool) {
	at := len(packet) - macSize
	rest = packet[:at:at]
	return rest, hmac.Equal(packet[at:], mac(secret, append(before, rest)...))
}

// newHello returns what a script says first.
func newHello(id, pool ID, lease time.Duration, secret []byte, private *ecdh.PrivateKey) []byte {
	b := append(head(packetHello, id), pool[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(lease.Milliseconds()))
	b = append(b, private.PublicKey().Bytes()...)
	return append(b, mac(secret, b)...)
}

// A hello is what a script has said first, as a worker reads it.
type hello struct {
	id, pool ID
	lease    time.Duration
	key      *ecdh.PublicKey
}

var errOtherSecret = errors.New("it has another key than this worker")

// parseHello reads a hello that newHello has made.
func parseHello(secret, packet []byte) (h hello, err error) {
	if len(packet) != helloSize {
		return h, errors.New("it speaks another format")
	}
	body, ok := cutMac(secret, packet)
	if !ok {
		return h, errOtherSecret
	}
	body = body[1:]
	copy(h.id[:], body)
	copy(h.pool[:], body[len(h.id):])
	body = body[2*len(h.id):]
	h.lease = time.Duration(binary.LittleEndian.Uint32(body)) * time.Millisecond
	if h.lease < MinLease || h.lease > MaxLease {
		return h, fmt.Errorf("a lease of %v is not between %v and %v", h.lease, MinLease, MaxLease)
	}
	h.key, err = ecdh.X25519().NewPublicKey(body[4:])
	return h, err
}

// newWelcome returns what a worker answers.
func newWelcome(id ID, hello, info, secret []byte, private *ecdh.PrivateKey) []byte {
	b := append(head(packetWelcome, id), private.PublicKey().Bytes()...)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(info)))
	b = append(b, info...)
	return append(b, mac(secret, hello, b)...)
}

// parseWelcome reads a welcome that newWelcome has made. ok is false unless it answers this hello, and comes from a worker
// that has the secret.
func parseWelcome(secret, hello, packet []byte) (key *ecdh.PublicKey, info []byte, ok bool) {
	if len(packet) < welcomeSize || len(packet) > welcomeSize+maxInfo {
		return nil, nil, false
	}
	body, ok := cutMac(secret, packet, hello)
	if !ok {
		return nil, nil, false
	}
	body = body[headSize:]
	key, err := ecdh.X25519().NewPublicKey(body[:keySize])
	body = body[keySize:]
	if err != nil || int(binary.LittleEndian.Uint16(body)) != len(body)-2 {
		return nil, nil, false
	}
	return key, body[2:], true
}

// transcript returns a hash of what both sides have said before the signature.
func transcript(hello, welcome []byte) []byte {
	h := sha256.New()
	h.Write([]byte("luaspawn session 2"))
	h.Write(hello)
	h.Write(welcome)
	return h.Sum(nil)
}

// newStart returns the signature of a script.
func newStart(id ID, private ed25519.PrivateKey, said []byte) []byte {
	return append(head(packetStart, id), ed25519.Sign(private, said)...)
}

// isStart says whether a packet is the signature of what was said, by the key public.
func isStart(packet []byte, public ed25519.PublicKey, said []byte) bool {
	return len(packet) == startSize && ed25519.Verify(public, said, packet[headSize:])
}

// refusal returns the packet by which a worker refuses a session.
func refusal(id ID, why string) []byte {
	return append(head(packetRefuse, id), why[:min(len(why), maxRefusal)]...)
}

// Left returns the packet by which who carries a script's packets tells a worker that the script of a pool is gone.
func Left(pool ID) []byte { return head(packetLeft, pool) }
