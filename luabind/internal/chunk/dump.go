package chunk

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// What string.dump gives: a function as its chunk and its place in it, for this
// program and later ones. Code of gopher-lua's can't be rebuilt, and code that
// comes from outside could make it do anything; source can't.
//
//	signature  number of the prototype  length, name  length, source  checksum
const dumpSignature = dumpMark + "S\x01"

// dumpMark begins everything that Lua 5.1 takes for a dump.
const dumpMark = "\x1bLua"

// dumpHeader is the length of the header in PUC Lua. Without one, it says, the
// dump ends too early.
const dumpHeader = 12

// maxDump is how long a dump may be.
const maxDump = 1 << 30

var (
	errDumpHeader = errors.New("bad header in precompiled chunk")
	errDumpEnd    = errors.New("unexpected end in precompiled chunk")
)

// IsDump says whether s is to be read by Undump.
func IsDump(s string) bool { return strings.HasPrefix(s, dumpMark[:1]) }

// Dump returns p as Undump takes it. It is false for what was not compiled here.
func (c *Store) Dump(p *lua.FunctionProto) (dump string, ok bool) {
	at := c.Find(p)
	if at == nil || at.Chunk.Session { // one of a session is no chunk by itself
		return "", false
	}
	name, source := at.Chunk.Name, at.Chunk.Source
	b := make([]byte, 0, len(dumpSignature)+3*binary.MaxVarintLen64+len(name)+len(source)+4)
	b = append(b, dumpSignature...)
	b = binary.AppendUvarint(b, uint64(at.Index))
	for _, s := range []string{name, source} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.LittleEndian.AppendUint32(b, dumpSum(b))
	return string(b), true
}

// Undump compiles what Dump has returned. Its error is that of ctx, if it has ended.
func (c *Store) Undump(ctx context.Context, dump string) (*lua.FunctionProto, error) {
	type made struct {
		index int
		chunk *Chunk
		root  *lua.FunctionProto
	}
	m, err := within(ctx, len(dump), func(over func() bool) (m made, err error) {
		var name, source string
		if m.index, name, source, err = readDump(dump); err == nil {
			m.chunk = &Chunk{Name: name, Source: source}
			m.root, err = prototype(m.chunk, over)
		}
		return m, err
	})
	if err != nil {
		return nil, err
	}
	index, ch, root := m.index, m.chunk, m.root
	all := c.add(ch, root)
	if index >= len(all) {
		return nil, errDumpEnd
	}
	return all[index], nil
}

func readDump(dump string) (index int, name, source string, err error) {
	if len(dump) < dumpHeader {
		return 0, "", "", errDumpEnd
	}
	rest, ok := strings.CutPrefix(dump, dumpSignature)
	if !ok || len(dump) > maxDump {
		return 0, "", "", errDumpHeader
	}
	number := func() int {
		n, size := binary.Uvarint([]byte(rest[:min(len(rest), binary.MaxVarintLen64)]))
		if size <= 0 || n > math.MaxInt32 {
			return -1
		}
		rest = rest[size:]
		return int(n)
	}
	text := func() (s string, ok bool) {
		n := number()
		if n < 0 || n > len(rest) {
			return "", false
		}
		s, rest = rest[:n], rest[n:]
		return s, true
	}
	index = number()
	name, ok = text()
	if ok {
		source, ok = text()
	}
	if !ok || index < 0 || len(rest) != 4 {
		return 0, "", "", errDumpEnd
	}
	if sum := dumpSum([]byte(dump[:len(dump)-4])); sum != binary.LittleEndian.Uint32([]byte(rest)) {
		return 0, "", "", errDumpEnd
	}
	return index, name, source, nil
}

// dumpSum is CRC-32C: dumps may have been kept for long. Its tables are made when the
// first one is asked for.
func dumpSum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }
