// Package snapshot turns Lua values, functions and closures among them, into
// bytes and back, in another engine of the same kind: in another process,
// usually.
//
// What is reachable from the roots travels as a copy: tables with their order
// and metatables, functions with their upvalues and environment, the globals
// that their code names. What was one table or one upvalue before is one
// afterwards, cycles hold. Builtins travel by name. Descriptors that userdata
// bring along go beside the bytes, as files.
//
// # Format
//
// A number is an unsigned varint unless it says otherwise; a list is its
// length and then its items; a section is its length in bytes and then these.
//
//	snapshot = magic crc32(of all that follows, 4 bytes, little endian)
//	           strings chunks shapes ids objects shells bodies tail
//	strings  = count {length} bytes                 a string may stand there twice
//	chunks   = count {length name length source piece}
//	piece    = 0                                    an ordinary chunk
//	         | 1+locals {length name}               a piece of a session that sees so many locals
//	shapes   = count {fields room {skip string}}    keys that several tables have, in their order
//	ids      = origins references tags
//	origins  = count {8 bytes}                      of IDs; an ID is the index of its origin, and its number there
//	references = count {ID}                         objects that the other side has, or finds elsewhere
//	tags     = count {objects-between class ID}     the IDs of objects that are here, each with how many
//	                                                objects it comes behind the last one; class: 't' or 'f'
//	objects  = count                                an object's number is the place of its shell
//	shells   = section{shell}
//	bodies   = section{body}                        in the order of the shells
//	tail     = section{roots basics patches globals loaded}
//
//	shell    = 'T' items fields room                a table and the sizes of its two parts
//	         | 'R' items shape                      a table that has the keys of a shape
//	         | 'F' chunk prototype                  a function
//	         | 'U' string files                     a userdata, the kind of what it brings along, and how
//	                                                many of the files, which go in the order of the shells
//	         | 'P' string                           what could not be sent, and why
//	body     = of T: metatable {item} {skip key value}      metatable, items, keys and values: value
//	         | of R: metatable {item} {value}
//	         | of F: environment {upvalue}          as many as its prototype has
//	         | of U: metatable value
//	         | of P: nothing
//	upvalue  = number                               one seen before, or
//	         | next-number value                    a new one
//	         | next-number 'c' reference index      a new one: upvalue index of that function
//
//	roots    = count {value}
//	basics   = count {type metatable}               types that share a metatable which was changed
//	patches  = count {name metatable count {key value}}     builtin tables that were changed
//	globals  = metatable count {key value}
//	loaded   = count {key value}                    modules, for require
//
//	room     = 0                                    fields stand anywhere: there is no skip
//	         | log2(nodes)+1                        they stand in nodes as glua.Table has them; a skip is
//	                                                how many nodes are empty before this one
//
//	value    = '0' | 'f' | 't'                      nil, false, true
//	         | 'i' signed varint | 'n' 8 bytes      a whole number; any other one
//	         | 's' string | 'o' object | 'b' string a string; an object; a builtin, by name
//	         | 'k' reference                        an object that isn't here
//
// Values refer to objects by number and never nest, so depth costs no stack on either
// side.
package snapshot

import (
	"hash/crc32"
	"os"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/glua"
)

const magic = "LSP7"

// checksum is computed by every child, once. The tables that hash/crc32 makes first
// take 40 µs for this polynomial and 250 µs for Castagnoli's.
func checksum(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

const (
	shellTable       = 'T'
	shellRecord      = 'R'
	shellFunction    = 'F'
	shellUserdata    = 'U'
	shellPlaceholder = 'P'

	valueNil     = '0'
	valueFalse   = 'f'
	valueTrue    = 't'
	valueInt     = 'i'
	valueNumber  = 'n'
	valueString  = 's'
	valueObject  = 'o'
	valueBuiltin = 'b'
	valueKnown   = 'k'

	upvalueKnown = 'c'
)

// Codec packs the values of one Lua state and unpacks values into it.
type Codec struct {
	L           *lua.LState
	chunks      *chunk.Store
	builtins    *builtins
	dynamic     map[lua.LValue]bool // builtins by which code can reach any global
	require     lua.LValue
	libraries   packageTables
	unpackers   map[string]Unpacker
	placeholder *lua.LTable // metatable of what could not be sent; nil until needed
	ids         identities
	cells       map[*glua.Upvalue]cell // of functions that have a definition

	// Open opens a module that is opened on demand, and calls Admit. nil: there is none.
	Open func(name string) error
}

// packageTables are the tables that require works with.
type packageTables struct{ pkg, loaded, preload, loaders *lua.LTable }

// NewCodec returns the codec of L. It is called when all libraries are open
// and no script has run: what L holds now, both sides hold. All functions of
// scripts must come from chunks. The unpackers are for the kinds of Portable; nil:
// there are none.
func NewCodec(L *lua.LState, chunks *chunk.Store, unpackers map[string]Unpacker) *Codec {
	global := func(name string) lua.LValue { return glua.Named(L.G.Global, name) }
	table := func(v lua.LValue) *lua.LTable { t, _ := v.(*lua.LTable); return t }
	c := &Codec{
		L:         L,
		chunks:    chunks,
		builtins:  takeBuiltins(L),
		dynamic:   map[lua.LValue]bool{L.G.Global: true},
		require:   global("require"),
		unpackers: unpackers,
	}
	for _, name := range []string{"getfenv", "setfenv", "load", "loadstring", "loadfile", "dofile", "module", "debug", "package"} {
		if v := global(name); named(v) {
			c.dynamic[v] = true
		}
	}
	if debug := table(global("debug")); debug != nil {
		for _, v := range glua.Pairs(debug) {
			c.dynamic[v] = true
		}
	}
	if pkg := table(global("package")); pkg != nil {
		c.libraries = packageTables{pkg, table(glua.Named(pkg, "loaded")), table(glua.Named(pkg, "preload")), table(glua.Named(pkg, "loaders"))}
	}
	return c
}

// A Snapshot is what Pack makes and Unpack takes: bytes, and the files that
// belong to them, in their order.
type Snapshot struct {
	Data  []byte
	Files []*os.File // nil: none

	// Room is how many bytes of memory Unpack will take, about. Only Pack sets
	// it.
	Room int

	// Sources are those that Unpack will compile, for who wants to tell
	// Expect of them on the other side beforehand. Only Pack sets it.
	Sources []chunk.Source
}

// Close closes the files. It is called by whoever has got s from Pack, when s
// was sent; Unpack takes them over.
func (s *Snapshot) Close() {
	closeFiles(s.Files)
	s.Files = nil
}

func closeFiles(files []*os.File) {
	for _, f := range files {
		f.Close() // nobody can do anything about it
	}
}

// Portable and Unpacker are what package luabind has under these names.
type Portable interface {
	Pack() (Parcel, error)
}

type Unpacker func(ud *lua.LUserData, p Parcel) error

// Refusal is what package luabind has under this name.
type Refusal struct{ Why, Instead string }

func (r *Refusal) Error() string { return r.Why }

// A Parcel is what a Portable is sent as. Whoever gets one owns its files: the
// snapshot those that Pack returns, the Unpacker those that it is called with.
type Parcel struct {
	Kind  string     // names the Unpacker on the other side
	Value lua.LValue // to build it from, packed with everything that it reaches; nil is Lua's nil
	Files []*os.File // descriptors that go along: duplicates of what the Portable keeps; nil: none
}

// A Root is a value to pack and its name in errors.
type Root struct {
	Name  string
	Value lua.LValue
}

// SendError is the error of a value that can't travel.
type SendError struct {
	text string
}

// Error says where the value should have gone, how it is reached, what it is and
// what to do instead: cannot send to process 'worker': args[1].conn.log is a file
// (open it in the child).
func (e *SendError) Error() string { return e.text }
