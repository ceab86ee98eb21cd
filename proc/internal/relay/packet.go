package relay

import (
	"encoding/binary"

	"luaspawn/proc/internal/session"
)

// Share lets long packets go through slots from now on.
func (q *Writer) Share(s *Slots) { q.slots.Store(s) }

// Packet puts a packet, and reports whether data are still used when it returns.
func (q *Writer) Packet(id session.ID, data []byte) (used bool) {
	if q.PacketInto(id, len(data), func(slot []byte) []byte { return slot[:copy(slot, data)] }) {
		return false
	}
	return q.Put(Frame{Kind: Packet, ID: id, Data: data}) && len(data) > smallFrames
}

// PacketInto puts a packet of n bytes at most, which write makes in a slot. It returns false, without a call of write, if
// no slot is free.
func (q *Writer) PacketInto(id session.ID, n int, write func(slot []byte) (packet []byte)) bool {
	slots := q.slots.Load()
	slot, size, ok := slots.put(n, write)
	if !ok {
		return false
	}
	place := binary.LittleEndian.AppendUint32(make([]byte, 0, placeSize), uint32(slot))
	if !q.Put(Frame{Kind: Placed, ID: id, Data: binary.LittleEndian.AppendUint32(place, uint32(size))}) {
		slots.free(slot)
	}
	return true
}

// A place says which slot a packet is in, and how many bytes it has; 4 bytes each.
const placeSize = 8

func placeOf(f Frame) (slot, n int, err error) {
	if len(f.Data) != placeSize {
		return 0, 0, ErrFrame
	}
	return int(binary.LittleEndian.Uint32(f.Data)), int(binary.LittleEndian.Uint32(f.Data[4:])), nil
}

// Packet returns the packet of a frame of kind Packet or Placed, and a function that the caller calls when it doesn't use the
// packet any more. If done is nil, the memory is the caller's.
func (s *Slots) Packet(f Frame) (data []byte, done func(), err error) {
	if f.Kind == Packet {
		return f.Data, nil, nil
	}
	slot, n, err := placeOf(f)
	if err == nil {
		data, err = s.at(slot, n)
	}
	if err != nil {
		return nil, nil, err
	}
	return data, func() { s.free(slot) }, nil
}
