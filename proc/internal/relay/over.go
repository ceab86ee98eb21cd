package relay

import (
	"crypto/sha256"
	"encoding/binary"
)

// Luaspawnd passes on messages of package remote without looking at them, except for these.
const (
	kindOver = 'X'
	kindBlob = 'b' // sum data
	kindNeed = 'n' // sum had
)

// Over returns the message by which luaspawnd tells a script that its host is gone. It is what the host itself would
// have said.
func Over(why string) []byte {
	return append(binary.AppendUvarint([]byte{kindOver}, uint64(len(why))), why...)
}

// A Sum is the hash that names a blob.
type Sum = [sha256.Size]byte

// BlobBegin is how many bytes of a message BlobOf needs.
const BlobBegin = 1 + len(Sum{})

// BlobOf returns which blob a script's message brings; ok is false if it brings none.
func BlobOf(begin []byte) (sum Sum, ok bool) {
	if len(begin) < BlobBegin || begin[0] != kindBlob {
		return sum, false
	}
	copy(sum[:], begin[1:])
	return sum, true
}

// NeedOf returns which blob a host's message asks for, and whether the host has had it before; ok is false if it asks for none.
func NeedOf(message []byte) (sum Sum, had, ok bool) {
	if len(message) != BlobBegin+1 || message[0] != kindNeed {
		return sum, false, false
	}
	copy(sum[:], message[1:])
	return sum, message[BlobBegin] != 0, true
}
