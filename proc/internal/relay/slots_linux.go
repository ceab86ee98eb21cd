//go:build !portable

package relay

import (
	"os"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// Slots are memory that the processes at both ends of a pipe share. A long packet is put into a slot, and only its place goes
// through the pipe, which would copy the packet twice.
//
//	memory = states of the maker's slots, states of the other side's, slots of the maker, slots of the other side
//	states = 4 bytes for each slot: 0, it is free; 1, it is taken
//
// A process takes only slots of its own, and frees slots of the other side.
type Slots struct {
	mu    sync.RWMutex // for Close, which waits for the others
	data  []byte       // nil: closed
	mine  int          // number of the first slot that is taken here
	their int
}

const (
	slotRoom   = 512 << 10 // bytes in one: a packet of a session
	slotsEach  = 16
	worthSlot  = 32 << 10 // the length from which on a packet goes through a slot
	slotStates = 4 << 10  // bytes before them, whole pages
	slotsSize  = slotStates + 2*slotsEach*slotRoom
)

// NewSlots makes slots, and returns the file with which another process opens them. The file takes no memory before the slots are
// used.
func NewSlots() (*Slots, *os.File, error) {
	fd, err := fds.Memory("luaspawn packets", slotsSize, false)
	if err != nil {
		return nil, nil, err
	}
	f := os.NewFile(uintptr(fd), "packets")
	data, err := unix.Mmap(fd, 0, slotsSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		f.Close()
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	return &Slots{data: data, mine: 0, their: slotsEach}, f, nil
}

// OpenSlots opens slots that another process has made, by the descriptor of their file, which it takes over.
func OpenSlots(fd int) (*Slots, error) {
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, os.NewSyscallError("fstat", err)
	}
	if st.Size != slotsSize {
		return nil, ErrFrame
	}
	data, err := unix.Mmap(fd, 0, slotsSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return &Slots{data: data, mine: slotsEach, their: 0}, nil
}

// state returns the state of a slot.
func (s *Slots) state(slot int) *uint32 { return (*uint32)(unsafe.Pointer(&s.data[4*slot])) }

func (s *Slots) slot(n int) []byte { return s.data[slotStates+n*slotRoom:][:slotRoom:slotRoom] }

// put takes a slot, in which write makes n bytes of data at most, and returns how many they are. ok is false if no slot is free, or a slot
// is not worth it, or too small, for n bytes.
func (s *Slots) put(n int, write func(slot []byte) []byte) (slot, size int, ok bool) {
	if s == nil || n < worthSlot || n > slotRoom {
		return 0, 0, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.data == nil {
		return 0, 0, false
	}
	for slot = s.mine; slot < s.mine+slotsEach; slot++ { // the first ones first: they have memory already
		if atomic.CompareAndSwapUint32(s.state(slot), 0, 1) {
			return slot, len(write(s.slot(slot))), true
		}
	}
	return 0, 0, false
}

// at returns the n bytes that the other side has put into a slot. They are there until free or Close is called.
func (s *Slots) at(slot, n int) ([]byte, error) {
	if s == nil {
		return nil, ErrFrame
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.data == nil || slot < s.their || slot >= s.their+slotsEach || n > slotRoom {
		return nil, ErrFrame
	}
	return s.slot(slot)[:n:n], nil
}

// free gives a slot back, one of the other side's, or of its own that the other side was never told of.
func (s *Slots) free(slot int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.data != nil {
		atomic.StoreUint32(s.state(slot), 0)
	}
}

// Close gives the memory back. Nobody may look at it any more.
func (s *Slots) Close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data != nil {
		unix.Munmap(s.data)
		s.data = nil
	}
}
