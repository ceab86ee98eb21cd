package luabind

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/snapshot"
)

// A Root is a value to pack and its name in errors.
type Root = snapshot.Root

// A Snapshot is what Pack makes and Unpack takes: bytes, and the files that
// belong to them, in their order. Close closes the files; whoever has got it
// from Pack calls it when the snapshot was sent.
type Snapshot = snapshot.Snapshot

// A Source is the text of a chunk, and the name that stands in its errors.
type Source = snapshot.Source

// Portable is implemented by the Value of a userdata that can travel: its Pack
// returns what it is sent as. It is called once a snapshot, twice where that fails.
type Portable = snapshot.Portable

// A Parcel is what a Portable is sent as: a kind, which names the Unpacker on
// the other side, a value to build it from, packed with everything that it
// reaches, and files, whose descriptors go along. Whoever gets a parcel owns its
// files: a Pack returns duplicates of what it keeps.
type Parcel = snapshot.Parcel

// An Unpacker sets ud.Value from the Parcel that Portable.Pack had returned. It
// is called after all tables and functions are whole; ud has its metatable.
type Unpacker = snapshot.Unpacker

// CannotSend is the error of Pack: it names the way to what can't travel.
type CannotSend = snapshot.CannotSend

// Pack returns a snapshot of the roots and of all that they and their code
// reach. Its error is a *CannotSend; to says in it where they should have gone:
// "process 'worker'".
func (e *Engine) Pack(to string, roots ...Root) (*Snapshot, error) {
	return e.codec.Pack(to, roots...)
}

// Unpack rebuilds the roots of a snapshot that an engine of the same Config has
// made. Its Data must not be changed afterwards; its Files are taken over.
func (e *Engine) Unpack(s *Snapshot) ([]lua.LValue, error) { return e.codec.Unpack(s) }

// RegisterUnpacker enters the unpacker of a kind of Portable. It is called by
// the Open of the module that the kind belongs to.
func (e *Engine) RegisterUnpacker(kind string, u Unpacker) { e.unpackers[kind] = u }

// Expect compiles a chunk ahead of the snapshot that will bring functions of it,
// as another engine has found in Snapshot.Sources.
func (e *Engine) Expect(s Source) { e.chunks.Expect(s) }
