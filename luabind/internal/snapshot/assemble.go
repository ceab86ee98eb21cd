package snapshot

import (
	"encoding/binary"
	"slices"
)

// assemble puts the parts together.
func (p *packer) assemble() []byte { return p.appendTo(nil) }

// appendTo appends the snapshot to b, each string copied once.
func (p *packer) appendTo(b []byte) []byte {
	var strings, chunks []byte
	size := 0
	strings = uvarint(strings, len(p.strings))
	for _, s := range p.strings {
		strings = uvarint(strings, len(s))
		size += len(s)
	}
	// The chunks' own strings have no number: nothing else refers to them.
	chunks = uvarint(chunks, len(p.chunkList))
	for _, c := range p.chunkList {
		chunks = append(uvarint(chunks, len(c.Name)), c.Name...)
		chunks = append(uvarint(chunks, len(c.Source)), c.Source...)
		if !c.Session {
			chunks = uvarint(chunks, 0)
			continue
		}
		chunks = uvarint(chunks, 1+len(c.Locals))
		for _, local := range c.Locals {
			chunks = append(uvarint(chunks, len(local)), local...)
		}
	}
	const headers = len(magic) + 4 + 5*binary.MaxVarintLen64
	b = slices.Grow(b, headers+len(strings)+size+len(chunks)+len(p.shapes.bytes)+12*(2+len(p.tags)+len(p.referred))+len(p.shells)+len(p.bodies)+len(p.tail))
	start := len(b)
	b = append(b, magic...)
	b = append(b, 0, 0, 0, 0) // the checksum
	b = append(b, strings...)
	for _, s := range p.strings {
		b = append(b, s...)
	}
	b = append(b, chunks...)
	b = append(uvarint(b, p.shapes.count), p.shapes.bytes...)
	b = p.appendIDs(b)
	b = uvarint(b, len(p.queue))
	for _, part := range [][]byte{p.shells, p.bodies, p.tail} {
		b = uvarint(b, len(part))
		b = append(b, part...)
	}
	whole := b[start:]
	binary.LittleEndian.PutUint32(whole[len(magic):], checksum(whole[len(magic)+4:]))
	return b
}

func uvarint(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }
