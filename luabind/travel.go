package luabind

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/snapshot"
)

// A Root is a value to pack and its name in errors.
type Root = snapshot.Root

// Portable is implemented by the Value of a userdata that can travel.
//
// Pack returns a kind, which names the Unpacker on the other side, and a value
// to build it from, packed with everything that it reaches.
type Portable = snapshot.Portable

// An Unpacker sets ud.Value from what Portable.Pack had returned. It is called
// after all tables and functions are whole; ud has its metatable.
type Unpacker = snapshot.Unpacker

// CannotSend is the error of Pack: it names the way to what can't travel.
type CannotSend = snapshot.CannotSend

// Pack returns a snapshot of the roots and of all that they and their code
// reach. Its error is a *CannotSend; to says in it where they should have gone:
// "process 'worker'".
func (e *Engine) Pack(to string, roots ...Root) ([]byte, error) { return e.codec.Pack(to, roots...) }

// Unpack rebuilds the roots of a snapshot that an engine of the same Config has
// made. The snapshot must not be changed afterwards.
func (e *Engine) Unpack(snapshot []byte) ([]lua.LValue, error) { return e.codec.Unpack(snapshot) }

// RegisterUnpacker enters the unpacker of a kind of Portable. It is called by
// the Open of the module that the kind belongs to.
func (e *Engine) RegisterUnpacker(kind string, u Unpacker) { e.unpackers[kind] = u }
