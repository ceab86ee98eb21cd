package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/glua"
)

// ErrDamaged is the error of a snapshot that is not as Pack made it.
var ErrDamaged = errors.New("snapshot is damaged")

// Unpack rebuilds the roots of a snapshot and returns them. Strings share the
// memory of s.Data, which must not change afterwards. Memory is taken in
// proportion to it, whatever the counts in it say. The files of s are taken over,
// and closed where they don't find an Unpacker.
func (c *Codec) Unpack(s *Snapshot) (roots []lua.LValue, err error) {
	return c.unpack(s, &unpacker{})
}

func (c *Codec) unpack(s *Snapshot, u *unpacker) (roots []lua.LValue, err error) {
	u.Codec, u.globals, u.numbers, u.files = c, c.L.G.Global, glua.Inside(c.L).Reg.Numbers, s.Files
	s.Files = nil
	b := s.Data
	defer func() {
		closeFiles(u.files)
		if r := recover(); r != nil {
			e, ok := r.(damage)
			if !ok {
				panic(r)
			}
			roots, err = nil, fmt.Errorf("%w: %s", ErrDamaged, string(e))
		}
	}()
	if len(b) < len(magic)+4 || string(b[:len(magic)]) != magic {
		damaged("no header")
	}
	sum := binary.LittleEndian.Uint32(b[len(magic):])
	b = b[len(magic)+4:]
	if checksum(b) != sum {
		damaged("wrong checksum")
	}
	return u.run(b)
}

// damage is the panic value of everything that is wrong with a snapshot.
type damage string

func damaged(format string, args ...any) { panic(damage(fmt.Sprintf(format, args...))) }

type unpacker struct {
	*Codec
	reader
	globals *lua.LTable
	strings []lua.LString
	protos  [][]*lua.FunctionProto // of each chunk
	shapes  []*glua.Shape
	numbers *glua.Numbers
	objects []lua.LValue
	shells  []lua.LValue // those that are filled: objects, but for those that are here already
	sizes   []size       // of the tables among objects
	upvals  []*glua.Upvalue
	files   []*os.File // that no Unpacker has got yet

	message    bool // the receiver has values of its own, which stay
	defines    bool // it is a definition
	defs       Definitions
	id         ID        // looked up: its definition this is
	within     *unpacker // that of the definition, or the message, which needs this one; nil: it is the message
	nested     int       // in so many other definitions
	references []lua.LValue
	tags       []tag
}

// size is what the shell of a table says.
type size struct {
	items, fields int
	room          int         // see glua.Table.Room
	shape         *glua.Shape // nil: its fields have their keys with them
}

func (u *unpacker) run(b []byte) ([]lua.LValue, error) {
	u.reader = reader{b}
	u.readStrings()
	if err := u.readChunks(); err != nil {
		return nil, err
	}
	u.readShapes()
	if err := u.readIDs(); err != nil {
		return nil, err
	}
	count := u.count()
	shells, bodies, tail := u.section(), u.section(), u.section()
	u.end()

	u.reader = reader{shells}
	u.readShells(count, len(bodies))
	u.end()
	u.adopt()
	u.reader = reader{bodies}
	contents := u.readBodies()
	u.end()
	u.reader = reader{tail}
	roots := u.readTail()
	u.end()
	u.enterTags()

	for _, x := range contents {
		unpack := u.unpackers[x.Kind]
		if unpack == nil {
			return nil, fmt.Errorf("snapshot: nobody unpacks a %q", x.Kind)
		}
		u.files = u.files[len(x.Files):]
		if err := unpack(x.ud, x.Parcel); err != nil {
			return nil, fmt.Errorf("snapshot: unpack a %s: %w", x.Kind, err)
		}
	}
	return roots, nil
}

func (u *unpacker) readStrings() {
	n := u.count()
	lengths := make([]int, n)
	for i := range lengths {
		lengths[i] = u.uvarint()
	}
	u.strings = make([]lua.LString, n)
	for i, l := range lengths {
		u.strings[i] = lua.LString(u.text(l))
	}
}

func (u *unpacker) readShapes() {
	u.shapes = make([]*glua.Shape, u.count())
	for i := range u.shapes {
		u.shapes[i] = u.readShape()
	}
}

func (u *unpacker) readChunks() error {
	u.protos = make([][]*lua.FunctionProto, u.count())
	for i := range u.protos {
		ch := &chunk.Chunk{Name: u.text(u.uvarint())}
		ch.Source = u.text(u.uvarint())
		if n := u.count(); n > 0 {
			ch.Session = true
			for range n - 1 {
				ch.Locals = append(ch.Locals, u.text(u.uvarint()))
			}
		}
		var err error
		if u.protos[i], err = u.chunks.Arrived(ch); err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
	}
	return nil
}

func (u *unpacker) readShells(n, room int) {
	if n > len(u.b) {
		damaged("%d objects", n)
	}
	u.objects = make([]lua.LValue, n)
	u.sizes = make([]size, n)
	// take reads the size of a list of the bodies, whose items take at least
	// least bytes each. All lists share the room.
	take := func(least int) int {
		k := u.uvarint()
		if k > room/least {
			damaged("a table of %d", k)
		}
		room -= k * least
		return k
	}
	files := u.files
	for i := range u.objects {
		switch kind := u.byte(); kind {
		case shellTable:
			s := size{items: take(1)}
			s.fields = take(2)
			s.room = u.room(s.fields)
			u.sizes[i] = s
		case shellRecord:
			s := size{items: take(1), shape: u.shapes[u.index(len(u.shapes))]}
			s.fields = s.shape.Fields()
			room -= s.fields
			if room < 0 {
				damaged("a table of %d", s.fields)
			}
			u.sizes[i] = s
		case shellFunction:
			c, p := u.uvarint(), u.uvarint()
			if c >= len(u.protos) || p >= len(u.protos[c]) {
				damaged("no prototype %d in chunk %d", p, c)
			}
			u.objects[i] = glua.NewClosure(u.protos[c][p], u.L.Env)
		case shellUserdata:
			p := pending{Kind: u.str()}
			n := u.uvarint()
			if n > len(files) || n > 0 && p.Kind == "" {
				damaged("a userdata with %d of %d files", n, len(files))
			}
			p.Files, files = files[:n:n], files[n:]
			u.objects[i] = &lua.LUserData{Env: u.globals, Metatable: lua.LNil, Value: p}
		case shellPlaceholder:
			u.objects[i] = u.newPlaceholder(u.str())
		default:
			damaged("an object of kind %q", kind)
		}
	}
	if len(files) > 0 {
		damaged("%d files too many", len(files))
	}
	u.makeTables()
}

// makeTables makes the objects that aren't there yet. Of many, every processor makes
// some: that is a third of what it takes to unpack a list of records.
func (u *unpacker) makeTables() {
	const each = 4096
	n := len(u.objects)
	if n < 2*each {
		u.makeSome(0, n)
		return
	}
	workers := min(runtime.GOMAXPROCS(0), n/each)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() { u.makeSome(w*n/workers, (w+1)*n/workers) })
	}
	all.Wait()
}

func (u *unpacker) makeSome(from, to int) {
	for i := from; i < to; i++ {
		if u.objects[i] != nil {
			continue
		}
		s := &u.sizes[i]
		var t *lua.LTable
		switch {
		case s.shape != nil:
			t = glua.NewTable(s.items, 0)
			glua.InsideTable(t).SetShape(s.shape)
		case s.room > 0:
			t = glua.NewTable(s.items, 0)
			glua.InsideTable(t).SetRoom(s.room)
		default:
			t = glua.NewTable(s.items, s.fields)
		}
		u.objects[i] = t
	}
}

// pending marks a userdata until its body was read, and with it the value.
type pending Parcel

// contents is what an Unpacker will be called with.
type contents struct {
	ud *lua.LUserData
	Parcel
}

func (u *unpacker) readBodies() (later []contents) {
	for i, o := range u.shells {
		switch o := o.(type) {
		case *lua.LTable:
			u.readTable(o, &u.sizes[i])
		case *lua.LFunction:
			u.readFunction(o)
		case *lua.LUserData:
			if p, ok := o.Value.(pending); ok {
				o.Metatable = u.hiddenMetatable()
				p.Value = u.value()
				o.Value = nil
				if p.Kind != "" {
					later = append(later, contents{o, Parcel(p)})
				}
			}
		}
	}
	return later
}

func (u *unpacker) readTable(t *lua.LTable, s *size) {
	in := glua.InsideTable(t)
	t.Metatable = u.metatable()
	items := in.Items()
	for i := range items {
		items[i] = u.plain()
	}
	if s.shape != nil {
		for i := range s.fields {
			v := u.plain()
			if v.IsNil() {
				damaged("a field without a value")
			}
			in.SetValue(s.shape, i, &v)
		}
		return
	}
	next := 0
	for range s.fields {
		if s.room > 0 {
			next += u.uvarint()
			k := glua.ValueOf(u.key())
			if v := u.plain(); !in.Put(next, &k, &v) {
				damaged("a field in node %d", next)
			}
			next++
			continue
		}
		k := glua.ValueOf(u.key())
		v := u.plain()
		in.Set(&k, &v)
	}
	if s.room > 0 && !in.Link() {
		damaged("fields that don't fit their nodes")
	}
}

func (u *unpacker) readFunction(f *lua.LFunction) {
	switch env := u.value().(type) {
	case *lua.LNilType:
		f.Env = u.globals
	case *lua.LTable:
		f.Env = env
	default:
		damaged("an environment that is no table")
	}
	for i := range glua.Upvalues(f) {
		id := u.uvarint()
		switch {
		case id < len(u.upvals):
		case id == len(u.upvals):
			var up *glua.Upvalue
			if len(u.b) > 0 && u.b[0] == upvalueKnown {
				u.b = u.b[1:]
				up = u.knownUpvalue()
			} else {
				up = glua.NewUpvalue(u.value())
			}
			u.upvals = append(u.upvals, up)
		default:
			damaged("no upvalue %d", id)
		}
		glua.Upvalues(f)[i] = u.upvals[id]
	}
}

// knownUpvalue reads which upvalue of a function that isn't here is meant.
func (u *unpacker) knownUpvalue() *glua.Upvalue {
	f, ok := u.references[u.index(len(u.references))].(*lua.LFunction)
	if !ok {
		damaged("an upvalue of no function")
	}
	upvalues := glua.Upvalues(f)
	return upvalues[u.index(len(upvalues))]
}

func (u *unpacker) readTail() []lua.LValue {
	roots := make([]lua.LValue, u.count())
	for i := range roots {
		roots[i] = u.value()
	}
	for range u.count() { // basics
		i := u.uvarint()
		if i >= basics {
			damaged("no basic type %d", i)
		}
		mt := u.metatable()
		if !u.message || glua.Metatable(u.L, basicTypes()[i]) == lua.LNil {
			glua.SetMetatable(u.L, basicTypes()[i], mt)
		}
	}
	for range u.count() { // patches
		t, ok := u.named().(*lua.LTable)
		if !ok {
			damaged("a patch of no table")
		}
		glua.Invalidate(u.L, t)
		if mt := u.metatable(); !u.message || t.Metatable == lua.LNil {
			glua.SetMetatable(u.L, t, mt)
		}
		u.fields(t)
	}
	if mt := u.metatable(); !u.message {
		glua.SetMetatable(u.L, u.globals, mt)
	}
	u.fields(u.globals)
	if loaded := u.libraries.loaded; loaded != nil {
		u.fields(loaded)
	}
	return roots
}

// fields reads those of a builtin table. A message sets those that aren't there.
func (u *unpacker) fields(t *lua.LTable) {
	for range u.count() {
		if k, v := u.key(), u.value(); !u.message || v != lua.LNil && glua.Get(t, k) == lua.LNil {
			glua.Set(t, k, v)
		}
	}
}

func (u *unpacker) key() lua.LValue {
	k := u.value()
	if n, isNumber := k.(lua.LNumber); k == lua.LNil || isNumber && n != n {
		damaged("a key that is nil or not a number")
	}
	return k
}

func (u *unpacker) value() lua.LValue {
	v := u.plain()
	return v.LValue(u.numbers)
}

// plain reads a value.
func (u *unpacker) plain() glua.Value {
	switch kind := u.byte(); kind {
	case valueNil:
		return glua.Nil
	case valueFalse:
		return glua.False
	case valueTrue:
		return glua.True
	case valueInt:
		return glua.NumberValue(float64(u.varint()))
	case valueNumber:
		return glua.NumberValue(math.Float64frombits(binary.LittleEndian.Uint64(u.bytes(8))))
	case valueString:
		return glua.StringValue(&u.strings[u.index(len(u.strings))])
	case valueKnown:
		return glua.ValueOf(u.references[u.index(len(u.references))])
	case valueObject:
		return glua.ValueOf(u.objects[u.index(len(u.objects))])
	case valueBuiltin:
		v := u.named()
		glua.Invalidate(u.L, v)
		return glua.ValueOf(v)
	default:
		damaged("a value of kind %q", kind)
		return glua.Nil
	}
}

func (u *unpacker) metatable() lua.LValue {
	v := u.value()
	if _, ok := v.(*lua.LTable); !ok && v != lua.LNil {
		damaged("a metatable that is no table")
	}
	return v
}

// hiddenMetatable is metatable for a userdata, which doesn't give it to a script.
func (u *unpacker) hiddenMetatable() lua.LValue {
	if len(u.b) == 0 || u.b[0] != valueBuiltin {
		return u.metatable()
	}
	u.b = u.b[1:]
	t, ok := u.named().(*lua.LTable)
	if !ok {
		damaged("a metatable that is no table")
	}
	return t
}

func (u *unpacker) str() string { return string(u.strings[u.index(len(u.strings))]) }

func (u *unpacker) named() lua.LValue {
	name := u.str()
	v, ok := u.builtins.find(name)
	if !ok {
		v, ok = u.demand(name)
	}
	if !ok {
		damaged("no builtin %q here", name)
	}
	return v
}

// reader takes a snapshot apart. It panics with damage where there is less
// than the snapshot says.
type reader struct{ b []byte }

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > len(r.b) {
		damaged("%d bytes wanted, %d there", n, len(r.b))
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		damaged("it ends too early")
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

// text shares the memory of the snapshot.
func (r *reader) text(n int) string {
	b := r.bytes(n)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (r *reader) uvarint() int {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > math.MaxInt {
		damaged("a number that is none")
	}
	r.b = r.b[size:]
	return int(n)
}

func (r *reader) varint() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		damaged("a number that is none")
	}
	r.b = r.b[size:]
	return n
}

// count reads the length of a list whose items take at least a byte each.
func (r *reader) count() int {
	n := r.uvarint()
	if n > len(r.b) {
		damaged("a list of %d in %d bytes", n, len(r.b))
	}
	return n
}

func (r *reader) index(limit int) int {
	i := r.uvarint()
	if i >= limit {
		damaged("number %d of %d", i, limit)
	}
	return i
}

func (r *reader) section() []byte { return r.bytes(r.uvarint()) }

func (r *reader) end() {
	if len(r.b) > 0 {
		damaged("%d bytes too many", len(r.b))
	}
}
