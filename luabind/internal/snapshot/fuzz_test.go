package snapshot

import (
	"encoding/binary"
	"os"
	"runtime"
	"sync"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// seedSource reaches every kind of thing that the format knows.
const seedSource = `
	local shared = 1
	function string.trim(s) return s end
	package.loaded.m = {n = 1}
	local p = newproxy(true)
	file = io.tmpfile()
	setmetatable(_G, {__index = function() end})
	debug.setmetatable(nil, {__index = function() end})
	local t = setmetatable({1, 2.5, "x", true, false, nil, 1/0, a = {}, [2.5] = print}, {__call = function() shared = 2 end})
	t.t = t
	return function(...) return t, p, shared, _G, require "m", setfenv(function() return x end, t) end`

// quick is shared by runs that never get far: making a state costs more than
// all they do.
var quick = sync.OnceValue(func() *Codec {
	L := lua.NewState()
	vm.Adopt(L)
	return NewCodec(L, chunk.NewStore(), map[string]Unpacker{carrierKind: unpackCarrier})
})

// seal puts a header in front of b.
func seal(b []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(magic), checksum(b)), b...)
}

// FuzzUnpack gives the decoder what passes the checksum.
func FuzzUnpack(f *testing.F) {
	s := newSide(f)
	for _, source := range []string{seedSource, `return {}`, `return function() end`, `return {{1, 2, 3}, a = {b = "c"}}`, `return {{a = 1}, {a = 2, 3}, {a = 4}, {a = 5, b = 6}}`} {
		b, err := s.Pack("the other side", Root{"target", s.eval(source)})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b.Data[len(magic)+4:], 0)
	}
	// A table of 2^60 items.
	f.Add([]byte{0, 0, 0, 0, 0, 0, 1, 11, 'T', 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0, 0, 0}, 0)
	// What brings files along, with the right number of them, with fewer and with more.
	glua.SetNamed(s.L.G.Global, "a", newCarrier(f, 1))
	glua.SetNamed(s.L.G.Global, "b", newCarrier(f, 2))
	carriers, err := s.Pack("the other side", Root{"list", s.eval(`return {a, b, a, {b}}`)})
	if err != nil {
		f.Fatal(err)
	}
	carriers.Close()
	for files := range 5 {
		f.Add(carriers.Data[len(magic)+4:], files)
	}
	f.Fuzz(func(t *testing.T, b []byte, files int) {
		snapshot := &Snapshot{Data: seal(b)}
		if files > 0 {
			// Real ones would cost too much. Nil ones can be counted and closed.
			snapshot.Files = make([]*os.File, min(files, 1000))
		}
		roots, err := quick().Unpack(snapshot)
		if err == nil && len(roots) > len(b) {
			t.Errorf("%d roots from %d bytes", len(roots), len(b))
		}
		if snapshot.Files != nil {
			t.Errorf("%d files were left", len(snapshot.Files))
		}
	})
}

// FuzzUnpackMessage gives it messages, with a definition of each ID that they name.
func FuzzUnpackMessage(f *testing.F) {
	s, defs := newSide(f), &defined{}
	s.eval(pointClass)
	for range 3 {
		m, err := s.PackMessage(nil, defs, "a queue", Root{"value", s.eval(`return {Point.new(1), function() return Point end, Point.new}`)})
		if err != nil {
			f.Fatal(err)
		}
		for _, definition := range defs.of {
			f.Add(m.Data[len(magic)+4:], definition[len(magic)+4:])
		}
		f.Add(m.Data[len(magic)+4:], m.Data[len(magic)+4:])
	}
	f.Fuzz(func(t *testing.T, message, definition []byte) {
		quick().UnpackMessage(&Snapshot{Data: seal(message)}, always(seal(definition)))
	})
}

// A definition that needs itself is an error at once, and not after it was begun a thousand times.
func TestDefinitionNeedsItself(t *testing.T) {
	const strings = 50_000
	b := append(binary.AppendUvarint(nil, strings), make([]byte, strings)...) // empty ones
	b = append(b, 0, 0)                                                       // no chunks, no shapes
	b = append(b, 1, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 7)                         // an origin, and a reference to ID 7 of it
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := quick().UnpackMessage(&Snapshot{Data: seal(b)}, always(seal(b)))
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err != errNested || took > 20<<20 {
		t.Errorf("got %v after %d bytes of memory, want %v", err, took, errNested)
	}
}

// always defines every ID alike.
type always []byte

func (a always) Has(ID) bool              { return true }
func (a always) Define([]ID, []byte) bool { return true }
func (a always) Lookup(ID) ([]byte, bool) { return a, true }
