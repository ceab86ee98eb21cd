package snapshot

import (
	"encoding/binary"
	"slices"
)

// assemble puts the parts together.
func (p *packer) assemble() []byte { return p.appendTo(nil) }

// appendTo appends the snapshot to b, each string copied once.
func (p *packer) appendTo(b []byte) []byte {
	var strings []byte
	size := 0
	strings = uvarint(strings, len(p.strings))
	for _, s := range p.strings {
		strings = uvarint(strings, len(s))
		size += len(s)
	}
	for _, c := range p.chunkList {
		size += len(c.Name) + len(c.Source) + 3*binary.MaxVarintLen64
		for _, local := range c.Locals {
			size += len(local) + binary.MaxVarintLen64
		}
	}
	const headers = len(magic) + 4 + 6*binary.MaxVarintLen64
	b = slices.Grow(b, headers+len(strings)+size+len(p.shapes.bytes)+12*(2+len(p.tags)+len(p.referred))+len(p.shells)+len(p.bodies)+len(p.tail))
	start := len(b)
	b = append(b, magic...)
	b = append(b, 0, 0, 0, 0) // the checksum
	b = append(b, strings...)
	for _, s := range p.strings {
		b = append(b, s...)
	}
	b = p.appendChunks(b)
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

// appendChunks appends the sources. Their strings have no number: nothing else refers to
// them.
func (p *packer) appendChunks(b []byte) []byte {
	b = uvarint(b, len(p.chunkList))
	for _, c := range p.chunkList {
		b = append(uvarint(b, len(c.Name)), c.Name...)
		b = append(uvarint(b, len(c.Source)), c.Source...)
		if !c.Session {
			b = uvarint(b, 0)
			continue
		}
		b = uvarint(b, 1+len(c.Locals))
		for _, local := range c.Locals {
			b = append(uvarint(b, len(local)), local...)
		}
	}
	return b
}

func uvarint(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }
