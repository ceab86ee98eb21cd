package bundle

import "encoding/binary"

// A marking stands in a program's data and says what the program carries; but for the magic it is zero
// where that is nothing.
type marking [64]byte

// magicSize is the length of the magic, by which a marking is found in the file of a program. It must
// stand there once.
const magicSize = 16

// mark says whether this program carries a bundle. It is a variable whose value is in the file; nothing assigns to it.
var mark = marking{0xf1, 'l', 'u', 'a', 's', 'p', 'a', 'w', 'n', 0xd3, 0x9e, 0x04, 0xc7, 0x58, 0xab, 0x16}

func (m *marking) attached() bool {
	_, length, _ := m.payload()
	return length > 0
}

// payload returns where in the file the payload is, and its SHA-256.
func (m *marking) payload() (offset, length int64, sum []byte) {
	return int64(binary.LittleEndian.Uint64(m[16:])), int64(binary.LittleEndian.Uint64(m[24:])), m[32:]
}

// set says that there is a payload.
func (m *marking) set(offset, length int64, sum [32]byte) {
	binary.LittleEndian.PutUint64(m[16:], uint64(offset))
	binary.LittleEndian.PutUint64(m[24:], uint64(length))
	copy(m[32:], sum[:])
}
