package session

import "sync"

// packetMemory is how many bytes a packet can have.
const packetMemory = 512 << 10

// spare has memory of large packets that is used again: gigabytes of packets may go through a process.
var spare sync.Pool

// memory returns memory for a packet of so many bytes.
func memory(n int) []byte {
	if n < packetMemory/2 || n > packetMemory {
		return make([]byte, n)
	}
	if b, ok := spare.Get().(*[packetMemory]byte); ok {
		return b[:n]
	}
	return make([]byte, packetMemory)[:n]
}

// Recycle takes back the memory of a packet that Out was given, when nobody looks at it any more. Without that call the
// garbage collector frees it.
func Recycle(packet []byte) {
	if cap(packet) == packetMemory {
		spare.Put((*[packetMemory]byte)(packet[:packetMemory]))
	}
}
