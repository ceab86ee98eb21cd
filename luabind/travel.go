package luabind

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/snapshot"
)

// A Root is a value to pack, Value, and its Name in errors.
type Root = snapshot.Root

// A Snapshot is what Pack makes and Unpack takes: bytes, its Data, and the Files that
// belong to them, in their order. Close closes the files; whoever has got it
// from Pack calls it when the snapshot was sent. Pack also says how much memory Unpack will
// take about, Room, and which Sources it will compile, for Expect.
type Snapshot = snapshot.Snapshot

// A Source is the Text of a chunk, and the Name that stands in its errors.
type Source = chunk.Source

// Portable is implemented by the Value of a userdata that can travel: its Pack
// returns what it is sent as. It is called once a snapshot, twice where that fails.
type Portable interface {
	Pack() (Parcel, error)
}

// A Refusal is the error of a Pack that can't. It says Why, and what a script may do
// Instead: "send its result". For other errors that is to make the value in the child.
type Refusal = snapshot.Refusal

// A Parcel is what a Portable is sent as: a Kind, which names the Unpacker on
// the other side, a Value to build it from, packed with everything that it
// reaches (nil is Lua's), and Files, whose descriptors go along. Whoever gets a parcel owns its
// files: a Pack returns duplicates of what it keeps.
type Parcel = snapshot.Parcel

// An Unpacker sets ud.Value from the Parcel that Portable.Pack had returned. It
// is called after all tables and functions are whole; ud has its metatable.
type Unpacker func(ud *lua.LUserData, p Parcel) error

// SendError is the error of Pack: it names the path to what can't travel.
type SendError = snapshot.SendError

// Pack returns a snapshot of the roots and of all that they and their code
// reach. Its error is a *SendError; to says in it where they should have gone:
// "process 'worker'".
func (h *Host) Pack(to string, roots ...Root) (*Snapshot, error) {
	return h.codec.Pack(to, roots...)
}

// Unpack rebuilds the roots of a snapshot that an engine of the same Config has
// made. Its Data must not be changed afterwards; its Files are taken over.
func (h *Host) Unpack(s *Snapshot) ([]lua.LValue, error) { return h.codec.Unpack(s) }

// Definitions keeps what messages name by ID, for whoever unpacks them: functions and
// classes, which go by value once and then by name.
type Definitions interface {
	// Has says whether an ID was defined. It is asked for each function and each
	// class in a message.
	Has(ID) bool

	// Define keeps a definition of all of the ids; false: it can't.
	Define(ids []ID, definition []byte) bool

	// Lookup returns the definition of an ID.
	Lookup(ID) (definition []byte, ok bool)
}

// An ID names a function or a class in every process that has it. AppendBinary appends it to bytes.
type ID = snapshot.ID

// CutID takes what ID.AppendBinary has appended from the beginning of b; ok: it is there.
func CutID(b []byte) (id ID, rest []byte, ok bool) { return snapshot.CutID(b) }

// PackMessage returns a value, appended to b, for an engine that lives, where Pack is
// for one that has nothing yet. Functions and classes that the other engine has arrive
// as what it has, and what comes along with functions, such as globals, replaces nothing
// there. defs may be nil; else UnpackMessage gets the same definitions.
func (h *Host) PackMessage(b []byte, defs Definitions, to string, v Root) (*Snapshot, error) {
	return h.codec.PackMessage(b, defs, to, v)
}

// UnpackMessage returns the value that PackMessage has packed. The Data of s must not be
// changed afterwards; its Files are taken over.
func (h *Host) UnpackMessage(s *Snapshot, defs Definitions) (lua.LValue, error) {
	return h.codec.UnpackMessage(s, defs)
}

// RegisterUnpacker enters the unpacker of a kind of Portable. It is called by
// the Open of the module that the kind belongs to.
func (h *Host) RegisterUnpacker(kind string, u Unpacker) {
	h.unpackers[kind] = snapshot.Unpacker(u)
}

// Expect compiles a chunk ahead of the snapshot that will bring functions of it,
// as another engine has found in Snapshot.Sources.
func (h *Host) Expect(s Source) { h.chunks.Expect(s) }
