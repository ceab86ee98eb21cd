package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
)

// newSeals returns the keys of a session: one seals what the script sends, the other what the worker sends.
func newSeals(private *ecdh.PrivateKey, public *ecdh.PublicKey, secret, said []byte) (script, worker cipher.AEAD, err error) {
	shared, err := private.ECDH(public)
	if err != nil {
		return nil, nil, err
	}
	keys, err := hkdf.Key(sha256.New, shared, secret, string(said), 64)
	if err != nil {
		return nil, nil, err
	}
	if script, err = newSeal(keys[:32]); err == nil {
		worker, err = newSeal(keys[32:])
	}
	return script, worker, err
}

func newSeal(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

const sealedHead = headSize + 8

// overhead is how many bytes sealing adds at the end.
const overhead = 16

// newPlain returns a slice to which up to room bytes are appended, which seal then seals in their place: copying them would take
// longer than sealing them.
func newPlain(room int) []byte { return memory(sealedHead + room + overhead)[:sealedHead] }

// seal makes a packet of what newPlain has returned and others have appended to.
func seal(s cipher.AEAD, id ID, counter uint64, b []byte) []byte {
	b[0] = packetSealed
	copy(b[1:], id[:])
	binary.LittleEndian.PutUint64(b[headSize:], counter)
	return s.Seal(b[:sealedHead], nonce(counter, forAll), b[sealedHead:], b[:sealedHead])
}

// longSize returns the length of the packet that sealLong makes.
func longSize(head, data []byte) int {
	return sealedHead + 1 + len(head) + overhead + len(data) + overhead
}

// sealLong makes a packet of a fragment's head and its data in b, which is long enough.
func sealLong(s cipher.AEAD, id ID, counter uint64, b, head, data []byte) []byte {
	b = append(append(b[:0], packetLong), id[:]...)
	b = binary.LittleEndian.AppendUint64(b, counter)
	b = append(b, byte(len(head)+overhead))
	b = s.Seal(b, nonce(counter, forHead), head, b)
	return s.Seal(b, nonce(counter, forData), data, b)
}

// openLong opens the head of a long fragment, and returns the fragment's data still sealed, with the bytes before them, which the
// seal covers too.
func openLong(s cipher.AEAD, packet []byte) (head []byte, counter uint64, before, data []byte, ok bool) {
	if len(packet) < sealedHead+1 {
		return nil, 0, nil, nil, false
	}
	const from = sealedHead + 1
	to := from + int(packet[sealedHead])
	if len(packet)-overhead < to || to-overhead < from {
		return nil, 0, nil, nil, false
	}
	counter = binary.LittleEndian.Uint64(packet[headSize:])
	head, err := s.Open(nil, nonce(counter, forHead), packet[from:to], packet[:from])
	return head, counter, packet[:to], packet[to:], err == nil
}

// open appends to dst what was sealed in a packet; dst may be the place in the packet itself. ok says that the seal is right.
func open(s cipher.AEAD, dst, packet []byte) (plain []byte, counter uint64, ok bool) {
	if len(packet) < sealedHead+s.Overhead() {
		return nil, 0, false
	}
	counter = binary.LittleEndian.Uint64(packet[headSize:])
	plain, err := s.Open(dst, nonce(counter, forAll), packet[sealedHead:], packet[:sealedHead])
	return plain, counter, err == nil
}

// Each part of a packet that is sealed has a nonce of its own.
const (
	forAll = iota
	forHead
	forData
)

func nonce(counter uint64, of uint32) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint32(make([]byte, 0, 12), of), counter)
}
