package snapshot

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// An ID names a function or a table in every process that has it. It is made where one
// is first sent from, or follows from its place in a module; see moduleIDs. Where it
// goes, its ID goes with it, and who meets an ID again has the same object.
//
// Data is copied each time. What has an ID is code: functions, and the tables that
// work as classes, which are those that are a metatable or the __index of one, hold a
// metamethod, or are what require returns.
type ID struct{ origin, number uint64 }

// sizeID is what AppendBinary appends.
const sizeID = 16

// AppendBinary appends the ID to b. It returns no error.
func (id ID) AppendBinary(b []byte) ([]byte, error) {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, id.origin), id.number), nil
}

// CutID takes an ID from the beginning of b; ok: there is one.
func CutID(b []byte) (id ID, rest []byte, ok bool) {
	if len(b) < sizeID {
		return id, b, false
	}
	return ID{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}, b[sizeID:], true
}

// An identity is an object of this engine that has an ID. It doesn't keep the object.
type identity struct {
	id       ID
	table    weak.Pointer[lua.LTable] // one of the two is set
	function weak.Pointer[lua.LFunction]

	class bool // a table that goes by its ID wherever it is met
	given bool // others have it already, so it stays the same whatever is changed in it
	met   bool // a message has brought it by value

	structure uint64 // of a table when it got its ID
}

// object returns nil where there is none any more.
func (e *identity) object() lua.LValue {
	if t := e.table.Value(); t != nil {
		return t
	}
	if f := e.function.Value(); f != nil {
		return f
	}
	return nil
}

// identities has the IDs of one engine.
type identities struct {
	origin  uint64 // of the IDs that are made here; 0: none was
	last    uint64 // number of the last one
	objects map[uintptr]*identity
	byID    map[ID]*identity
	unlike  bool      // there are classes that classLike doesn't know
	tidy    int       // when there are so many, those whose objects are gone go
	arrived []arrived // with the snapshot that made this process, not entered yet
	kept    []lua.LValue

	modules   map[*lua.LTable]bool // what require returns, as far as scripts have brought it
	moduleIDs map[lua.LValue]ID    // of modules and what they hold
	fromID    map[ID]lua.LValue    // the other way round
	loadedAs  []loadedField        // package.loaded when these were made, all of it
}

type loadedField struct{ key, value glua.Value }

// arrived is an object that has come with its ID.
type arrived struct {
	tag
	object lua.LValue
}

// identity returns that of v; nil: it has none.
func (c *Codec) identity(v lua.LValue) *identity {
	c.enter()
	if e := c.ids.objects[glua.Address(v)]; e != nil && e.object() == v { // else something stood there before v
		return e
	}
	return nil
}

// withID returns the object of an ID; nil: there is none here.
func (c *Codec) withID(id ID) lua.LValue {
	c.enter()
	if e := c.ids.byID[id]; e != nil {
		if v := e.object(); v != nil {
			return v
		}
	}
	c.nameModules()
	if v := c.ids.fromID[id]; v != nil {
		if e := c.identity(v); e != nil {
			c.ids.byID[id] = e // one more
		} else {
			c.bind(id, v, true)
		}
		return v
	}
	return nil
}

// assign gives v an ID.
func (c *Codec) assign(v lua.LValue) *identity {
	c.enter()
	id, named := ID{}, false
	c.nameModules()
	if id, named = c.ids.moduleIDs[v]; named {
		if e := c.ids.byID[id]; e != nil { // of the same module, before it was loaded once more
			e.id, e.given, e.met = c.ids.next(), false, false
			c.ids.byID[e.id] = e
		}
	} else {
		id = c.ids.next()
	}
	return c.bind(id, v, named)
}

func (x *identities) next() ID {
	if x.origin == 0 {
		var b [8]byte
		rand.Read(b[:]) // never fails
		x.origin = binary.LittleEndian.Uint64(b[:])
	}
	x.last++
	return ID{x.origin, x.last}
}

// bind enters that v has an ID.
func (c *Codec) bind(id ID, v lua.LValue, given bool) *identity {
	e := &identity{id: id, given: given}
	switch v := v.(type) {
	case *lua.LTable:
		e.table = weak.Make(v)
		e.class = c.classLike(v)
		e.structure = c.structure(v)
	case *lua.LFunction:
		e.function = weak.Make(v)
	}
	c.ids.add(e, glua.Address(v))
	return e
}

func (x *identities) add(e *identity, address uintptr) {
	if x.objects == nil {
		x.objects, x.byID = map[uintptr]*identity{}, map[ID]*identity{}
	}
	if len(x.objects) >= x.tidy {
		for at, e := range x.objects {
			if e.object() == nil {
				delete(x.objects, at)
			}
		}
		for id, e := range x.byID {
			if e.object() == nil {
				delete(x.byID, id)
			}
		}
		x.tidy = 2*len(x.objects) + 1000
	}
	x.objects[address], x.byID[e.id] = e, e
}

// enter enters the objects that this process was made with. A child that neither
// sends nor receives never needs that.
func (c *Codec) enter() {
	if len(c.ids.arrived) == 0 {
		return
	}
	list := c.ids.arrived
	c.ids.arrived = nil
	for _, a := range list {
		c.bind(a.id, a.object, true).setClass(c, a.class)
	}
}

// setClass says that e is a class, whatever it looks like, if it is a table.
func (e *identity) setClass(c *Codec, class bool) {
	if class && !e.class && e.table.Value() != nil {
		e.class, c.ids.unlike = true, true
	}
}

// class says whether t works as a class, or has been one.
func (c *Codec) class(t *lua.LTable) bool { return c.classLike(t) || c.classBefore(t) }

// classBefore says whether t was met as a class, whatever it holds: a metatable may be empty.
func (c *Codec) classBefore(t *lua.LTable) bool {
	if !c.ids.unlike {
		return false
	}
	e := c.identity(t)
	return e != nil && e.class
}

// classLike says whether t works as a class by what it holds.
func (c *Codec) classLike(t *lua.LTable) bool {
	in := glua.InsideTable(t)
	for _, n := range in.Nodes() {
		if k := n.Key(); k.IsString() {
			if s := k.String(); len(s) > 4 && s[0] == '_' && s[1] == '_' && classKey(s) {
				return true
			}
		}
	}
	return len(c.ids.modules) > 0 && c.ids.modules[t]
}

// classKey says whether a class or a metatable has a field of that name: the metamethods of
// Lua 5.1, and where middleclass keeps the metatable of its objects.
func classKey(name string) bool {
	switch name {
	case "__index", "__newindex", "__call", "__tostring", "__len", "__concat",
		"__unm", "__eq", "__lt", "__le", "__add", "__sub", "__mul",
		"__div", "__mod", "__pow", "__metatable", "__mode", "__gc",
		instanceDict:
		return true
	}
	return false
}

const instanceDict = "__instanceDict"

// lookAtModules sees whether modules have been loaded.
func (c *Codec) lookAtModules() {
	x := &c.ids
	if c.libraries.loaded == nil {
		return
	}
	in := glua.InsideTable(c.libraries.loaded)
	n, same := 0, len(in.List()) == 0
	for _, field := range in.Nodes() {
		same = same && n < len(x.loadedAs) && x.loadedAs[n].is(field.Key(), field.Value())
		n++
	}
	if same && n == len(x.loadedAs) {
		return
	}
	x.loadedAs, x.moduleIDs, x.fromID = nil, nil, nil
	x.modules = map[*lua.LTable]bool{}
	for k, v := range in.All() {
		x.loadedAs = append(x.loadedAs, loadedField{k, v})
		if v.IsTable() && c.builtins.held[v.LValue(nil)] == nil {
			x.modules[v.LTable()] = true
		}
	}
}

// is says whether f is this field; equal strings may be different objects.
func (f *loadedField) is(key, value *glua.Value) bool {
	return f.value.Same(value) && (f.key.Same(key) || f.key.IsString() && key.IsString() && f.key.String() == key.String())
}

// nameModules gives IDs to modules and to the functions and classes in them. They follow
// from the name for require, the source and the names of the fields, so that processes
// that have loaded the same file have the same IDs.
func (c *Codec) nameModules() {
	x := &c.ids
	if c.lookAtModules(); x.moduleIDs != nil {
		return
	}
	x.moduleIDs, x.fromID = map[lua.LValue]ID{}, map[ID]lua.LValue{}
	for _, f := range x.loadedAs {
		if !f.key.IsString() || !f.value.IsTable() || !x.modules[f.value.LTable()] {
			continue
		}
		name, t := f.key.String(), f.value.LTable()
		for _, v := range glua.Pairs(t) {
			f, ok := v.(*lua.LFunction)
			if !ok || f.IsG {
				continue
			}
			if at := c.chunks.Find(f.Proto); at != nil {
				sum := sha256.Sum256([]byte(at.Chunk.Source))
				c.nameFields(t, name+"\x00"+string(sum[:]), moduleDepth)
				break
			}
		}
	}
}

// moduleDepth is how deep in a module functions and classes get IDs.
const moduleDepth = 4

func (c *Codec) nameFields(v lua.LValue, name string, depth int) {
	x := &c.ids
	if _, done := x.moduleIDs[v]; done {
		return
	}
	sum := sha256.Sum256([]byte(name))
	id := ID{binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])}
	x.moduleIDs[v], x.fromID[id] = id, v
	t, ok := v.(*lua.LTable)
	if !ok || depth == 0 {
		return
	}
	for k, v := range glua.Pairs(t) {
		key, ok := k.(lua.LString)
		if !ok {
			continue
		}
		switch v := v.(type) {
		case *lua.LFunction:
			if v.IsG {
				continue
			}
		case *lua.LTable:
			if c.builtins.held[v] != nil || !c.classLike(v) {
				continue
			}
		default:
			continue
		}
		c.nameFields(v, name+"\x00"+string(key), depth-1)
	}
}

// structure is a hash of what a class is: its functions and their names, those of its
// __index too. What else it holds, a counter, say, may change.
func (c *Codec) structure(t *lua.LTable) uint64 {
	h := uint64(0)
	for range 4 {
		in := glua.InsideTable(t)
		for _, n := range in.Nodes() {
			if !n.Key().IsString() {
				continue
			}
			name, v := n.Key().String(), n.Value().LValue(nil)
			_, function := v.(*lua.LFunction)
			if _, table := v.(*lua.LTable); function || table && strings.HasPrefix(name, "__") {
				h = mix(mix(h, hash(name)), uint64(glua.Address(v)))
			}
		}
		h = mix(h, uint64(glua.Address(t.Metatable)))
		index := glua.Named(t, "__index")
		next, ok := index.(*lua.LTable)
		if !ok || next == t {
			break
		}
		t = next
	}
	return h
}

// stateless says whether f is its code and nothing else: none of its upvalues holds data,
// nor do those of the functions that it uses. What has data is copied with it each time.
func (c *Codec) stateless(f *lua.LFunction) bool {
	const most = 32 // functions
	seen := make([]*lua.LFunction, 0, most)
	seen = append(seen, f)
	for i := 0; i < len(seen); i++ {
		if seen[i].Env != c.L.G.Global {
			return false
		}
		for _, u := range glua.Upvalues(seen[i]) {
			switch v := u.Value().(type) {
			case *lua.LFunction:
				if v.IsG || slices.Contains(seen, v) {
					continue
				}
				if len(seen) == most {
					return false
				}
				seen = append(seen, v)
			case *lua.LTable:
				if c.builtins.held[v] == nil && !c.class(v) {
					return false
				}
			case *lua.LUserData: // it is what it is
			default:
				return false
			}
		}
	}
	return true
}
