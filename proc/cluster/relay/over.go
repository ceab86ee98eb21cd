package relay

import "encoding/binary"

// Over is the message by which luaspawnd tells a script that its host is gone, as the host
// would have.
func Over(why string) []byte {
	return append(binary.AppendUvarint([]byte{'X'}, uint64(len(why))), why...)
}
