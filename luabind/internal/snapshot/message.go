package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Messages are snapshots between engines that live: through queues and connections.
//
// What has an ID is the same object on both sides, and stays it:
//
//	PackMessage                                 UnpackMessage
//	  first time: by value, with its ID           has the ID: takes its own object
//	  then: Define(ID, definition)  ---------->   hasn't: takes what came, under this ID
//	        the message holds the ID only         or Lookup(ID), unpacks the definition
//
// So a message doesn't depend on who reads it, nor on who has read those before it. What
// comes along with functions (globals, modules, changes in builtin tables) is taken where
// the receiver has nothing; what it has stays.

// Definitions is what package luabind has under this name.
type Definitions interface {
	Has(ID) bool
	Define(ids []ID, definition []byte) bool
	Lookup(ID) (definition []byte, ok bool)
}

// purpose is what a snapshot is made for.
type purpose uint8

const (
	toChild purpose = iota // of an engine that has nothing yet
	toPeer                 // a message
	toDefine
)

// PackMessage returns the bytes of a value, appended to b, and the files that belong to
// them; see Pack. defs is nil where there are no definitions.
func (c *Codec) PackMessage(b []byte, defs Definitions, to string, v Root) (*Snapshot, error) {
	p, err := c.pack(toPeer, defs, to, []Root{v})
	if err != nil {
		return nil, err
	}
	return &Snapshot{Data: p.appendTo(b), Files: p.files}, nil
}

// UnpackMessage is the other half of PackMessage; see Unpack.
func (c *Codec) UnpackMessage(s *Snapshot, defs Definitions) (lua.LValue, error) {
	roots, err := c.unpack(s, &unpacker{defs: defs, message: true})
	if err != nil {
		return nil, err
	}
	if len(roots) != 1 {
		return nil, fmt.Errorf("%w: %d values", ErrDamaged, len(roots))
	}
	return roots[0], nil
}

// role is how an object with an ID is met.
type role uint8

const (
	asData    role = iota // it is copied
	asClass               // it goes by its ID, whatever it holds now
	asValue               // a function: it goes by its ID if it has no data
	asUpvalue             // a table that functions share: it keeps its ID where they keep theirs
)

func (p *packer) roleOfTable(t *lua.LTable, s step) role {
	switch {
	case s.kind == metatable, s.kind == item && s.key == lua.LString("__index"):
		return asClass
	case glua.InsideTable(t).HasFields() && p.classLike(t), p.classBefore(t):
		return asClass
	case s.kind == upvalue && p.purpose != toPeer:
		return asUpvalue
	}
	return asData
}

func (p *packer) roleOfFunction() role {
	if p.purpose == toPeer {
		if _, ok := p.tag(p.current); !ok {
			return asValue
		}
	}
	return asClass
}

// tag returns that of an object; ok: it has one.
func (p *packer) tag(object int) (t tag, ok bool) {
	i, ok := slices.BinarySearchFunc(p.tags, object, func(t tag, object int) int { return t.object - object })
	if ok {
		t = p.tags[i]
	}
	return t, ok
}

// A tag is the ID of an object of the snapshot.
type tag struct {
	object int
	id     ID
	class  bool // it is a class, or a function of one
}

// known appends the ID of v, if that is enough; else v, which is to be the next object,
// gets the tag that it should have.
func (p *packer) known(b []byte, v lua.LValue, as role) (_ []byte, ok bool) {
	if f, ok := v.(*lua.LFunction); as == asData || as == asValue && !(ok && p.stateless(f)) {
		return b, false
	}
	e := p.identity(v)
	if e == nil || as == asClass && p.changed(e) {
		e = p.assign(v)
	}
	e.setClass(p.Codec, as == asClass)
	if p.purpose == toChild {
		e.given = true
	} else if p.defs != nil {
		if p.defs.Has(e.id) || p.purpose == toPeer && e.met && p.define(v) {
			return uvarint(append(b, valueKnown), p.refer(e.id)), true
		}
		e.met = true
	}
	p.room += 80 // in the lists of who unpacks
	p.tags = append(p.tags, tag{len(p.queue), e.id, as == asClass})
	return b, false
}

// changed says whether a class that only we have is another one than when it got its ID.
func (c *Codec) changed(e *identity) bool {
	t := e.table.Value()
	return t != nil && !e.given && c.structure(t) != e.structure
}

// define makes a definition of v and of all that it needs.
func (p *packer) define(v lua.LValue) bool {
	d, err := p.Codec.pack(toDefine, p.defs, p.to, []Root{{Name: "value", Value: v}})
	if err != nil { // it will be met again by value, and the path to it told
		return false
	}
	if len(d.files) > 0 {
		closeFiles(d.files)
		return false
	}
	ids := make([]ID, len(d.tags))
	for i, t := range d.tags {
		ids[i] = t.id
	}
	if !p.defs.Define(ids, d.appendTo(nil)) {
		return false
	}
	for _, id := range ids {
		if f := p.ids.byID[id].function.Value(); f != nil {
			p.keepCells(id, f)
		}
	}
	return true
}

// A cell is an upvalue of a function that has a definition: those who share it in another
// definition shall share it on the other side.
type cell struct {
	of    ID
	index int
}

// keepCells enters the upvalues of a function that has a definition.
func (c *Codec) keepCells(id ID, f *lua.LFunction) {
	if c.cells == nil {
		c.cells = map[*glua.Upvalue]cell{}
	}
	for i, u := range glua.Upvalues(f) {
		if _, ok := c.cells[u]; !ok {
			c.cells[u] = cell{id, i}
		}
	}
}

// cell returns how the i-th upvalue of f, the current object, is written where a function
// that has a definition has it too.
func (p *packer) cell(f function, i int) (b []byte, ok bool) {
	c, ok := p.cells[glua.Upvalues(f.LFunction)[i]]
	if !ok || p.defs == nil || !p.defs.Has(c.of) {
		return nil, false
	}
	if t, ok := p.tag(p.current); !ok || !t.class {
		return nil, false
	}
	return uvarint(uvarint(append(b, upvalueKnown), p.refer(c.of)), c.index), true
}

func (p *packer) refer(id ID) int {
	n, ok := p.references[id]
	if !ok {
		if p.references == nil {
			p.references = map[ID]int{}
		}
		n = len(p.referred)
		p.references[id] = n
		p.referred = append(p.referred, id)
	}
	return n
}

func (p *packer) appendIDs(b []byte) []byte {
	if len(p.referred) == 0 && len(p.tags) == 0 {
		return append(b, 0, 0, 0)
	}
	var origins []uint64
	origin := func(id ID) int {
		for i := len(origins) - 1; i >= 0; i-- { // few, but for what comes from modules
			if origins[i] == id.origin {
				return i
			}
		}
		origins = append(origins, id.origin)
		return len(origins) - 1
	}
	var list []byte
	list = uvarint(list, len(p.referred))
	for _, id := range p.referred {
		list = binary.AppendUvarint(uvarint(list, origin(id)), id.number)
	}
	list = uvarint(list, len(p.tags))
	next := 0
	for _, t := range p.tags {
		list = append(uvarint(list, t.object-next), valueFalse)
		if t.class {
			list[len(list)-1] = valueTrue
		}
		list = binary.AppendUvarint(uvarint(list, origin(t.id)), t.id.number)
		next = t.object + 1
	}
	b = uvarint(b, len(origins))
	for _, o := range origins {
		b = binary.LittleEndian.AppendUint64(b, o)
	}
	return append(b, list...)
}

// readIDs reads what appendIDs has written.
func (u *unpacker) readIDs() error {
	origins := make([]uint64, u.count())
	for i := range origins {
		origins[i] = binary.LittleEndian.Uint64(u.bytes(8))
	}
	id := func() ID {
		origin := origins[u.index(len(origins))]
		n, size := binary.Uvarint(u.b)
		if size <= 0 {
			damaged("an ID that is none")
		}
		u.b = u.b[size:]
		return ID{origin, n}
	}
	u.references = make([]lua.LValue, u.count())
	for i := range u.references {
		var err error
		if u.references[i], err = u.lookup(id()); err != nil {
			return err
		}
	}
	u.tags = make([]tag, u.count())
	next := 0
	for i := range u.tags {
		next += u.uvarint()
		if next < 0 {
			damaged("a tag of object %d", next)
		}
		class := u.byte() == valueTrue
		u.tags[i] = tag{next, id(), class}
		next++
	}
	return nil
}

// maxNested is how many definitions may need each other in a chain.
const maxNested = 1000

var errNested = errors.New("snapshot: definitions need each other without end")

// lookup returns the object of an ID, which it unpacks from its definition where it is
// needed for the first time.
func (u *unpacker) lookup(id ID) (lua.LValue, error) {
	if v := u.withID(id); v != nil {
		return v, nil
	}
	if u.defs != nil {
		definition, ok := u.defs.Lookup(id)
		if u.nested == maxNested || u.needs(id) {
			return nil, errNested
		}
		if ok {
			inner := &unpacker{defs: u.defs, message: true, defines: true, id: id, within: u, nested: u.nested + 1}
			if _, err := u.unpack(&Snapshot{Data: definition}, inner); err != nil {
				return nil, err
			}
			if v := u.withID(id); v != nil {
				return v, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: it names an object that was never defined", ErrDamaged)
}

// needs says whether u is in the definition of id, which it then needs to be complete.
func (u *unpacker) needs(id ID) bool {
	for ; u != nil; u = u.within {
		if u.defines && u.id == id {
			return true
		}
	}
	return false
}

// adopt puts the objects in their places that are here already, under the same ID. What
// came instead is filled and forgotten.
func (u *unpacker) adopt() {
	u.shells = u.objects
	for _, t := range u.tags {
		if t.object >= len(u.objects) {
			damaged("a tag of object %d of %d", t.object, len(u.objects))
		}
		if !u.message {
			continue
		}
		own := u.withID(t.id)
		if own == nil {
			continue
		}
		if own.Type() != u.objects[t.object].Type() {
			damaged("an ID of a %s and a %s", own.Type(), u.objects[t.object].Type())
		}
		if &u.shells[0] == &u.objects[0] {
			u.objects = append([]lua.LValue(nil), u.shells...)
		}
		u.objects[t.object] = own
	}
}

// enterTags enters the objects that have come with IDs.
func (u *unpacker) enterTags() {
	if !u.message {
		if len(u.ids.arrived) > 1000 { // this engine unpacks again and again
			u.enter()
		}
		u.ids.arrived = slices.Grow(u.ids.arrived, len(u.tags))
	}
	for _, t := range u.tags {
		v := u.objects[t.object]
		switch {
		case !u.message:
			u.ids.arrived = append(u.ids.arrived, arrived{t, v})
		case v == u.shells[t.object]:
			u.bind(t.id, v, true).setClass(u.Codec, t.class)
			if u.defines {
				u.ids.kept = append(u.ids.kept, v)
				if f, ok := v.(*lua.LFunction); ok {
					u.keepCells(t.id, f)
				}
			}
		}
	}
}
