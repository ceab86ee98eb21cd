package session

import "sync"

// packetMemory is how many bytes a packet has at most.
const packetMemory = 512 << 10

// spare has memory of large packets: gigabytes of them may go through a process that keeps none.
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

// Recycle takes the memory of a packet that Out was given, and that nobody looks at any more. Who doesn't call it
// leaves it to the collector.
func Recycle(packet []byte) {
	if cap(packet) == packetMemory {
		spare.Put((*[packetMemory]byte)(packet[:packetMemory]))
	}
}
