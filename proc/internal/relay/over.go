package relay

import (
	"crypto/sha256"
	"encoding/binary"
)

// Luaspawnd hands on messages that it doesn't know, but for these, of package remote.
const (
	kindOver = 'X'
	kindBlob = 'b' // sum data
	kindNeed = 'n' // sum had
)

// Over is the message by which luaspawnd tells a script that its host is gone, as the host
// would have.
func Over(why string) []byte {
	return append(binary.AppendUvarint([]byte{kindOver}, uint64(len(why))), why...)
}

// A Sum is the hash by which a blob is known.
type Sum = [sha256.Size]byte

// BlobBegin is how many bytes BlobOf needs.
const BlobBegin = 1 + len(Sum{})

// BlobOf says which blob it is that a message of a script brings; ok is false if it brings none.
func BlobOf(begin []byte) (sum Sum, ok bool) {
	if len(begin) < BlobBegin || begin[0] != kindBlob {
		return sum, false
	}
	copy(sum[:], begin[1:])
	return sum, true
}

// NeedOf says which blob it is that a host asks for, and whether it has had it before; ok is false if it asks for none.
func NeedOf(message []byte) (sum Sum, had, ok bool) {
	if len(message) != BlobBegin+1 || message[0] != kindNeed {
		return sum, false, false
	}
	copy(sum[:], message[1:])
	return sum, message[BlobBegin] != 0, true
}
