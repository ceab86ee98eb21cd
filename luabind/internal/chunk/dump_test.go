package chunk

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

func dumped(tb testing.TB, c *Store, name, source string, child int) string {
	tb.Helper()
	p, err := c.Compile(context.Background(), name, source)
	if err != nil {
		tb.Fatal(err)
	}
	if child > 0 {
		p = flatten(nil, p)[child]
	}
	dump, ok := c.Dump(p)
	if !ok {
		tb.Fatal("not dumped")
	}
	return dump
}

// A dump is read by chunks that have never seen its source, or refused whole.
func TestDump(t *testing.T) {
	for child := range 3 {
		dump := dumped(t, NewStore(), "@file.lua", "local function f() return function() return 1 end end", child)
		c := NewStore()
		p, err := c.Undump(context.Background(), dump)
		if err != nil {
			t.Fatal(err)
		}
		if c.Name(p) != "@file.lua" || p.SourceName != "file.lua" {
			t.Errorf("prototype %d: got %q and %q", child, c.Name(p), p.SourceName)
		}
		if again, _ := c.Dump(p); again != dump {
			t.Errorf("prototype %d: another dump of the same", child)
		}
		for i := range dump {
			if _, err := c.Undump(context.Background(), dump[:i]); err == nil || !strings.HasSuffix(err.Error(), "in precompiled chunk") {
				t.Errorf("the first %d bytes of %d: %v", i, len(dump), err)
			}
		}
		for i := range dump {
			b := []byte(dump)
			b[i] ^= 4
			if _, err := c.Undump(context.Background(), string(b)); err == nil {
				t.Errorf("byte %d changed: no error", i)
			}
		}
	}
	if _, ok := NewStore().Dump(&lua.FunctionProto{}); ok {
		t.Error("a prototype that was not compiled here was dumped")
	}
}

// FuzzUndump gives the decoder what passes the checksum. What it takes it dumps again.
func FuzzUndump(f *testing.F) {
	c := NewStore()
	for _, dump := range []string{dumped(f, c, "=name", "return 1", 0), dumped(f, c, "return function() end", "return function() end", 1)} {
		f.Add(dump[:len(dump)-4])
	}
	f.Add(dumpSignature + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Fuzz(func(t *testing.T, dump string) {
		c.Undump(context.Background(), dump) // with the checksum that it has
		dump = string(binary.LittleEndian.AppendUint32([]byte(dump), dumpSum([]byte(dump))))
		index, name, source, err := readDump(dump)
		if err != nil {
			return
		}
		if index < 0 || len(name)+len(source) > len(dump) {
			t.Errorf("%d, %d and %d bytes of %d", index, len(name), len(source), len(dump))
		}
		p, err := c.Undump(context.Background(), dump)
		if err != nil {
			return
		}
		again, ok := c.Dump(p)
		if i, n, s, err := readDump(again); !ok || err != nil || i != index || n != name || s != source {
			t.Errorf("got %d, %q and %q (%v), want %d, %q and %q", i, n, s, err, index, name, source)
		}
	})
}
