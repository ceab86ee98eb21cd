package snapshot

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// A carrier is a Portable that brings files along. Its Pack opens them, under
// the names that its files have.
type carrier struct {
	names  []string
	opened []*os.File // by all its Packs
	files  []*os.File // after its travel
	err    error      // of Pack
}

const carrierKind = "carrier"

func (c *carrier) Pack() (Parcel, error) {
	if c.err != nil {
		return Parcel{}, c.err
	}
	p := Parcel{Kind: carrierKind, Value: lua.LNumber(len(c.names))}
	for _, name := range c.names {
		f, err := os.Open(name)
		if err != nil {
			return Parcel{}, err
		}
		c.opened = append(c.opened, f)
		p.Files = append(p.Files, f)
	}
	return p, nil
}

func unpackCarrier(ud *lua.LUserData, p Parcel) error {
	ud.Value = &carrier{files: p.Files}
	if n, ok := p.Value.(lua.LNumber); !ok || int(n) != len(p.Files) {
		return errors.New("not as it was packed")
	}
	return nil
}

// newCarrier makes one of n files, which hold their names.
func newCarrier(t testing.TB, n int) *lua.LUserData {
	t.Helper()
	c := &carrier{}
	dir := t.TempDir()
	for i := range n {
		name := filepath.Join(dir, string(rune('a'+i)))
		if err := os.WriteFile(name, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		c.names = append(c.names, name)
	}
	return &lua.LUserData{Value: c, Metatable: lua.LNil}
}

// isOpen says whether f can still be used.
func isOpen(f *os.File) bool {
	_, err := f.Stat()
	return err == nil
}

// Files arrive with the userdata that brought them, each of which is sent once
// however often it is reached.
func TestFiles(t *testing.T) {
	from, to := newSide(t), newSide(t)
	to.unpackers = map[string]Unpacker{carrierKind: unpackCarrier}
	one, none, three := newCarrier(t, 1), newCarrier(t, 0), newCarrier(t, 3)
	for name, v := range map[string]lua.LValue{"one": one, "none": none, "three": three} {
		glua.SetNamed(from.L.G.Global, name, v)
	}
	s, err := from.Pack("the other side", Root{"list", from.eval(`return {three, one, {none, one}, [three] = three, f = function() return one end}`)})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Files) != 4 {
		t.Fatalf("got %d files, want 4", len(s.Files))
	}
	files := s.Files
	roots, err := to.Unpack(s)
	if err != nil {
		t.Fatal(err)
	}
	glua.SetNamed(to.L.G.Global, "list", roots[0])
	for access, want := range map[string]*lua.LUserData{
		"list[1]": three, "list[2]": one, "list[3][1]": none, "list[3][2]": one, "list[list[1]]": three, "list.f()": one,
	} {
		got := to.eval("return " + access).(*lua.LUserData).Value.(*carrier)
		names := want.Value.(*carrier).names
		if len(got.files) != len(names) {
			t.Errorf("%s: got %d files, want %d", access, len(got.files), len(names))
			continue
		}
		for i, f := range got.files {
			f.Seek(0, io.SeekStart)
			if b, err := io.ReadAll(f); string(b) != names[i] || err != nil {
				t.Errorf("%s: file %d holds %q, %v, want %q", access, i, b, err, names[i])
			}
		}
	}
	if to.eval(`return tostring(list[2] == list[3][2] and list[2] == list.f())`).String() != "true" {
		t.Error("what was one carrier is two")
	}
	closeFiles(files)
}

// A snapshot that can't be made keeps no file open, and neither does one that
// can't be unpacked.
func TestFilesAreClosed(t *testing.T) {
	from, to := newSide(t), newSide(t)
	to.unpackers = map[string]Unpacker{carrierKind: unpackCarrier}
	carrying := newCarrier(t, 2)
	refused := &lua.LUserData{Value: &carrier{err: errors.New("it won't")}, Metatable: lua.LNil}
	glua.SetNamed(from.L.G.Global, "carrying", carrying)
	glua.SetNamed(from.L.G.Global, "refused", refused)
	closed := func(after string, least int) {
		t.Helper()
		files := carrying.Value.(*carrier).opened
		if len(files) < least {
			t.Errorf("%s: %d files were opened, want %d or more", after, len(files), least)
		}
		for i, f := range files {
			if isOpen(f) {
				t.Errorf("%s: file %d is open", after, i)
			}
		}
	}

	_, err := from.Pack("the other side", Root{"list", from.eval(`return {carrying, {refused}}`)})
	if err == nil || !strings.HasSuffix(err.Error(), "list[2][1] is a userdata that can't travel: it won't (make it in the child)") {
		t.Errorf("got %v", err)
	}
	closed("a Pack that failed", 2)

	pack := func(source string) *Snapshot {
		s, err := from.Pack("the other side", Root{"list", from.eval(source)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := pack(`return {carrying}`)
	s.Close()
	closed("Close", 4)
	for name, change := range map[string]func(*Snapshot){
		"nobody unpacks it": func(*Snapshot) { to.unpackers = nil },
		"a file too many": func(s *Snapshot) {
			f, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			s.Files = append(s.Files, f)
		},
		"a file is missing": func(s *Snapshot) { s.Files[1].Close(); s.Files = s.Files[:1] },
		"damage":            func(s *Snapshot) { s.Data = s.Data[:len(s.Data)-1] },
	} {
		s := pack(`return {carrying}`)
		change(s)
		files := s.Files
		if _, err := to.Unpack(s); err == nil {
			t.Errorf("%s: no error", name)
		}
		for i, f := range files {
			if isOpen(f) {
				t.Errorf("%s: file %d is open", name, i)
			}
		}
		to.unpackers = map[string]Unpacker{carrierKind: unpackCarrier}
	}
}
