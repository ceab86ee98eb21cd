package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/glua"
)

// Pack returns a snapshot of the roots and of all they reach. Its error is a
// *SendError; to says in it where they should have gone: "process 'worker'".
func (c *Codec) Pack(to string, roots ...Root) (*Snapshot, error) {
	p, err := c.pack(toChild, nil, to, roots)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Data: p.assemble(), Files: p.files, Room: p.room}
	for _, c := range p.chunkList {
		if !c.Session {
			s.Sources = append(s.Sources, chunk.Source{Name: c.Name, Text: c.Source})
		}
	}
	return s, nil
}

// pack returns a packer that has done its work. Its error is a *SendError.
func (c *Codec) pack(why purpose, defs Definitions, to string, roots []Root) (*packer, error) {
	c.lookAtModules()
	p := newPacker(c, why, defs, to)
	err := p.run(roots)
	if err != nil {
		// Keeping the path to each object costs more than packing it, so the
		// paths are kept in a second run, when there is something to tell.
		closeFiles(p.files)
		p = newPacker(c, why, defs, to)
		p.paths = []step{}
		err = p.run(roots)
	}
	if err != nil {
		closeFiles(p.files)
		return nil, err
	}
	return p, nil
}

// A packer makes one snapshot.
type packer struct {
	*Codec
	purpose
	defs Definitions // nil: there are none
	to   string

	// An object has its number from when it is first met: its place in queue,
	// where it waits for its body. A table stays there.
	tables tableIndex
	others map[lua.LValue]int // functions, userdata and what became placeholders
	upvals map[*glua.Upvalue]int
	queue  []any // *lua.LTable, *function, *userdata or *SendError
	done   int   // how many of queue have a body
	files  []*os.File

	strings   []string
	recent    []uint32 // numbers of strings, by hash; 0: none, else one more
	chunkIDs  map[*chunk.Chunk]int
	chunkList []*chunk.Chunk

	shapes shapes

	tags       []tag
	references map[ID]int
	referred   []ID // in their order

	shells, bodies, tail []byte

	// What code reaches by name, found while bodies are written.
	names    worklist[lua.LValue]  // globals
	touched  worklist[*lua.LTable] // builtin tables
	modules  map[string]bool       // require "x"
	required bool                  // require, with whatever name
	anyMod   bool                  // require, with a name made at run time
	anything bool                  // what can reach any global

	basics, patches, globals, loaded section
	patched                          map[*lua.LTable]bool // whether scripts have changed its fields
	given                            map[lua.LValue]bool  // keys of loaded

	// lenient: what is met from now on is swept in with all globals or all
	// modules, so what can't travel among it becomes a placeholder.
	lenient, swept bool

	room    int    // for what has been packed, when it is unpacked
	current int    // whose body is being written; -1: nobody's
	paths   []step // how each object was met; nil in the first run
}

// A function or a userdata on its way, with what was looked up when it was met.
type (
	function struct {
		*lua.LFunction
		*chunk.Place
	}
	userdata struct {
		*lua.LUserData
		Parcel
	}
)

// section is a counted list in the tail.
type section struct {
	count int
	bytes []byte
}

// worklist hands out each item once.
type worklist[T comparable] struct {
	seen map[T]bool
	todo []T
}

func (w *worklist[T]) add(x T) {
	if w.seen == nil {
		w.seen = map[T]bool{}
	}
	if !w.seen[x] {
		w.seen[x] = true
		w.todo = append(w.todo, x)
	}
}

func (w *worklist[T]) next() (x T, ok bool) {
	if len(w.todo) == 0 {
		return x, false
	}
	x, w.todo = w.todo[0], w.todo[1:]
	return x, true
}

func newPacker(c *Codec, why purpose, defs Definitions, to string) *packer {
	return &packer{
		Codec:    c,
		purpose:  why,
		defs:     defs,
		to:       to,
		others:   map[lua.LValue]int{},
		upvals:   map[*glua.Upvalue]int{},
		recent:   make([]uint32, fewStrings),
		chunkIDs: map[*chunk.Chunk]int{},
		modules:  map[string]bool{},
		patched:  map[*lua.LTable]bool{},
		given:    map[lua.LValue]bool{},
		current:  -1,
	}
}

func (p *packer) run(roots []Root) (err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*SendError)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	p.tail = uvarint(p.tail, len(roots))
	for _, r := range roots {
		p.tail = p.value(p.tail, r.Value, step{kind: root, name: r.Name})
		p.drain() // before the next root, so that the nearest path is told
	}
	if p.purpose == toPeer && len(p.chunkList) == 0 && len(p.tags) == 0 {
		p.tail = append(p.tail, 0, 0, valueNil, 0, 0) // it brings no code, which might need more
		return nil
	}
	metaOfGlobals := p.value(nil, p.L.G.Global.Metatable, step{kind: globalsMetatable})
	p.basicMetatables()
	p.settle()
	p.lenient = true
	p.settle()

	add := func(s section) { p.tail = append(uvarint(p.tail, s.count), s.bytes...) }
	add(p.basics)
	add(p.patches)
	p.tail = append(p.tail, metaOfGlobals...)
	add(p.globals)
	add(p.loaded)
	return nil
}

// settle follows what is reached until nothing new comes.
func (p *packer) settle() {
	for {
		p.drain()
		if key, ok := p.names.next(); ok {
			p.global(key)
		} else if t, ok := p.touched.next(); ok {
			p.touch(t)
		} else if !p.lenient {
			return
		} else if p.anything && !p.swept {
			p.sweep()
		} else if !p.load() {
			return
		}
	}
}

// drain writes the bodies of all objects that wait for theirs.
func (p *packer) drain() {
	for ; p.done < len(p.queue); p.done++ {
		p.current = p.done
		switch o := p.queue[p.done].(type) {
		case *lua.LTable:
			p.table(o)
			continue // it stays: tables has only its number
		case function:
			p.function(o)
		case userdata:
			p.shells = uvarint(uvarint(append(p.shells, shellUserdata), p.string(o.Kind)), len(o.Files))
			p.bodies = p.value(p.bodies, o.Metatable, step{kind: metatable})
			p.bodies = p.value(p.bodies, o.Parcel.Value, step{kind: content})
		case *SendError:
			p.shells = uvarint(append(p.shells, shellPlaceholder), p.string(o.Error()))
		}
		p.queue[p.done] = nil // others keeps it alive; nothing asks again
	}
	p.current = -1
}

func (p *packer) function(f function) {
	id, ok := p.chunkIDs[f.Chunk]
	if !ok {
		id = len(p.chunkList)
		p.chunkIDs[f.Chunk] = id
		p.chunkList = append(p.chunkList, f.Chunk)
	}
	p.shells = uvarint(uvarint(append(p.shells, shellFunction), id), f.Index)
	p.room += 80 + 72*len(glua.Upvalues(f.LFunction))

	if f.Env == p.L.G.Global {
		p.bodies = append(p.bodies, valueNil)
		p.use(f.Uses)
	} else {
		p.bodies = p.value(p.bodies, f.Env, step{kind: environment})
	}
	for i, u := range glua.Upvalues(f.LFunction) {
		id, seen := p.upvals[u]
		if !seen {
			id = len(p.upvals)
			p.upvals[u] = id
		}
		p.bodies = uvarint(p.bodies, id)
		if known, ok := p.cell(f, i); ok && !seen {
			p.bodies = append(p.bodies, known...)
		} else if !seen {
			p.bodies = p.value(p.bodies, u.Value(), step{kind: upvalue, name: upvalueName(f, i)})
		}
	}
}

func upvalueName(f function, i int) string {
	if names := f.Proto.DbgUpvalues; i < len(names) {
		return names[i]
	}
	return fmt.Sprint(i + 1)
}

// use notes what code reaches by name.
func (p *packer) use(u *chunk.Uses) {
	for _, name := range u.Globals {
		p.names.add(lua.LString(name))
	}
	for _, name := range u.Requires {
		p.modules[name] = true
	}
	if u.Require || len(u.Requires) > 0 {
		p.required = true
		p.names.add(lua.LString("require")) // a script may have put its own there
	}
	p.anyMod = p.anyMod || u.Require
}

// plain appends v, if it is a value without an identity.
func (p *packer) plain(b []byte, v *glua.Value) (_ []byte, ok bool) {
	switch {
	case v.IsNumber():
		p.room += 8
		f := v.Float()
		if i := int64(f); float64(i) == f && i > -1<<53 && i < 1<<53 && (i != 0 || !math.Signbit(f)) {
			return binary.AppendVarint(append(b, valueInt), i), true
		}
		return binary.LittleEndian.AppendUint64(append(b, valueNumber), math.Float64bits(f)), true
	case v.IsString():
		return uvarint(append(b, valueString), p.string(v.String())), true
	case v.IsNil():
		return append(b, valueNil), true
	case v.Same(&glua.True):
		return append(b, valueTrue), true
	case v.Same(&glua.False):
		return append(b, valueFalse), true
	}
	return b, false
}

// value appends v, which is reached from the current object by the step s.
func (p *packer) value(b []byte, v lua.LValue, s step) []byte {
	w := glua.ValueOf(v)
	if b, ok := p.plain(b, &w); ok {
		return b
	}
	return p.reference(b, v, s)
}

// reference is value for what plain refuses.
func (p *packer) reference(b []byte, v lua.LValue, s step) []byte {
	if t, ok := v.(*lua.LTable); ok {
		if id, ok := p.tables.find(t, p.queue); ok {
			return uvarint(append(b, valueObject), id)
		}
		if p.builtins.held[v] != nil {
			return p.builtin(b, v)
		}
		if b, ok := p.known(b, v, p.roleOfTable(t, s)); ok {
			return b
		}
		p.tables.add(t, p.queue)
		return p.object(b, v, s)
	}
	if id, ok := p.others[v]; ok {
		return uvarint(append(b, valueObject), id)
	}
	if p.builtins.holds(v) {
		return p.builtin(b, v)
	}
	if f, ok := v.(*lua.LFunction); ok && !f.IsG {
		if b, ok := p.known(b, v, p.roleOfFunction()); ok {
			return b
		}
	}
	return p.object(b, p.other(v, s), s)
}

// object gives o the next number and lets it wait for its body.
func (p *packer) object(b []byte, o any, s step) []byte {
	id := len(p.queue)
	p.room += 56 // its places in the lists of the unpacker
	p.queue = append(doubled(p.queue, 1), o)
	if p.paths != nil {
		s.from = p.current
		p.paths = append(p.paths, s)
	}
	return uvarint(append(b, valueObject), id)
}

// other prepares a value that is neither plain, nor a table, nor a builtin.
func (p *packer) other(v lua.LValue, s step) any {
	p.others[v] = len(p.queue)
	refuse := func(what, hint string) any {
		e := &SendError{fmt.Sprintf("cannot send to %s: %s is %s (%s)", p.to, p.path(s), what, hint)}
		if !p.lenient || p.paths == nil {
			panic(e)
		}
		return e
	}
	switch v := v.(type) {
	case *lua.LFunction:
		if v.IsG {
			return refuse("a function bound from Go in this engine only", "use a Module, or get it in the child")
		}
		at := p.chunks.Find(v.Proto)
		if at == nil {
			return refuse("a function whose source is not known", "load it through the engine")
		}
		return function{v, at}
	case *lua.LUserData:
		switch x := v.Value.(type) {
		case nil: // of newproxy
			return userdata{v, Parcel{}}
		case *unsendable:
			return x.why
		case Portable:
			parcel, err := x.Pack()
			if err != nil {
				hint := "make it in the child"
				if r, ok := errors.AsType[*Refusal](err); ok {
					hint = r.Instead
				}
				return refuse("a userdata that can't travel: "+err.Error(), hint)
			}
			p.files = append(p.files, parcel.Files...)
			return userdata{v, parcel}
		}
		if v.Metatable == glua.Named(p.L.G.Registry, "FILE*") {
			return refuse("a file", "open it in the child")
		}
		return refuse(fmt.Sprintf("a Go value of type %T", v.Value), "make it in the child")
	case *lua.LState:
		return refuse("a coroutine", "create it in the child")
	default:
		return refuse("a "+v.Type().String(), "make it in the child")
	}
}

// builtin appends v by name.
func (p *packer) builtin(b []byte, v lua.LValue) []byte {
	p.reach(v)
	return uvarint(append(b, valueBuiltin), p.string(p.builtins.name(v)))
}

// reach notes that v, which may be a builtin, is there for the code to use.
func (p *packer) reach(v lua.LValue) {
	if !named(v) {
		return
	}
	if p.dynamic[v] {
		p.anything = true
	}
	if v == p.require {
		p.required, p.anyMod = true, true
	}
	switch v := v.(type) {
	case *lua.LTable:
		if p.builtins.held[v] != nil {
			p.touched.add(v)
		}
	case *lua.LUserData:
		p.reach(v.Metatable)
	}
}

// touch sends what scripts changed in a builtin table, and reaches on.
func (p *packer) touch(t *lua.LTable) {
	if t == p.L.G.Global || t == p.libraries.loaded {
		return // their fields go one by one
	}
	changed := p.patch(t)
	p.reach(t.Metatable)
	for k, v := range glua.Pairs(t) {
		if !changed || v == p.builtins.original(t, k) {
			p.reach(v)
		}
	}
}

// patch sends, once, what scripts changed in a builtin table, and reports whether they
// changed its fields.
func (p *packer) patch(t *lua.LTable) (changed bool) {
	if changed, done := p.patched[t]; done || t == nil {
		return changed
	}
	changed = p.builtins.changed(t)
	p.patched[t] = changed
	var changes []field
	if changed {
		changes = p.builtins.changes(t)
	}
	if len(changes) == 0 && t.Metatable == p.builtins.held[t].metatable {
		return changed
	}
	name := p.builtins.name(t)
	b := uvarint(p.patches.bytes, p.string(name))
	b = p.value(b, t.Metatable, step{kind: builtinMetatable, name: name})
	b = uvarint(b, len(changes))
	for _, f := range changes {
		b = p.value(b, f.key, step{kind: builtinItem, name: name, key: f.key})
		b = p.value(b, f.value, step{kind: builtinItem, name: name, key: f.key})
	}
	p.patches = section{p.patches.count + 1, b}
	return changed
}

// basicMetatables sends those metatables of basic types that were set anew, and
// the changes in that of strings, which s:trim() reaches without a name.
func (p *packer) basicMetatables() {
	for i, v := range basicTypes() {
		was, now := p.builtins.basic[i], glua.Metatable(p.L, v)
		if t, ok := was.(*lua.LTable); ok {
			p.touched.add(t)
			if now == glua.Named(t, "__metatable") { // protected, not changed
				continue
			}
		}
		if now == was {
			continue
		}
		b := uvarint(p.basics.bytes, i)
		p.basics = section{p.basics.count + 1, p.value(b, now, step{kind: basicMetatable, name: v.Type().String()})}
	}
}

// global sends a global that scripts have set.
func (p *packer) global(k lua.LValue) {
	v := glua.Get(p.L.G.Global, k)
	if v == p.builtins.original(p.L.G.Global, k) {
		if v != p.require { // its uses are known better
			p.reach(v)
		}
		return
	}
	b := p.value(p.globals.bytes, k, step{kind: globalKey, key: k})
	p.globals = section{p.globals.count + 1, p.value(b, v, step{kind: global, key: k})}
}

// sweep takes everything that scripts have changed anywhere.
func (p *packer) sweep() {
	p.swept = true
	p.required, p.anyMod = true, true
	for k := range glua.Pairs(p.L.G.Global) {
		p.names.add(k)
	}
	for _, f := range p.builtins.changes(p.L.G.Global) { // the removed ones too
		p.names.add(f.key)
	}
	for _, t := range p.builtins.tables {
		if t != p.L.G.Registry {
			p.touched.add(t)
		}
	}
}

// load sends those modules for require that are wanted or already on their way,
// and says whether that has brought anything to follow.
func (p *packer) load() bool {
	lib := p.libraries
	if p.required {
		p.patch(lib.pkg)
		p.patch(lib.preload)
		p.patch(lib.loaders)
	}
	n := p.loaded.count
	for k, v := range glua.Pairs(lib.loaded) {
		name, _ := k.(lua.LString)
		wanted := p.anyMod || p.modules[string(name)]
		if p.given[k] {
			continue
		}
		if v == p.builtins.original(lib.loaded, k) {
			if wanted {
				p.given[k] = true
				if v != p.L.G.Global {
					p.reach(v)
				}
			}
			continue
		}
		if p.builtins.admitted(k, v) { // the other side opens it when it asks
			if wanted {
				p.given[k] = true
				p.reach(v)
			}
			continue
		}
		if wanted || p.sent(v) {
			p.given[k] = true
			b := p.value(p.loaded.bytes, k, step{kind: module, key: k})
			p.loaded = section{p.loaded.count + 1, p.value(b, v, step{kind: module, key: k})}
		}
	}
	return p.loaded.count > n || p.done < len(p.queue) || len(p.touched.todo) > 0
}

// sent says whether v is an object of the snapshot already.
func (p *packer) sent(v lua.LValue) bool {
	if t, ok := v.(*lua.LTable); ok {
		_, ok = p.tables.find(t, p.queue)
		return ok
	}
	if !named(v) {
		return false
	}
	_, ok := p.others[v]
	return ok
}
