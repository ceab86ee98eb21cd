package glua

import (
	"sync"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// A Key is a string that stands in a program as the name of a field, with its hash. There is
// one Key of each such string: who has two of them needs to compare no more than where they
// are. A Value of a Key is a string like any other.
type Key struct {
	name   string // first: what a Value points to is a string
	hash   uint32
	unique bool
}

// keys are the Keys of the process. None goes away, so there is an end to how many are made;
// the names of a program are few, unless it loads generated code for ever.
var keys struct {
	sync.Mutex
	byName map[string]*Key
}

const maxKeys = 1 << 16

// KeyOf returns the Key of a name. It is not unique where there are too many.
func KeyOf(name string) *Key {
	keys.Lock()
	defer keys.Unlock()
	k := keys.byName[name]
	if k == nil {
		k = &Key{name: name, hash: hashString(name)}
		if len(keys.byName) < maxKeys {
			if keys.byName == nil {
				keys.byName = make(map[string]*Key, 256)
			}
			k.unique = true
			keys.byName[name] = k
		}
	}
	return k
}

// Value returns the name.
func (k *Key) Value() Value { return Value{unsafe.Pointer(k), tagString} }

// ConstantOf is ValueOf for the constants of a program: its strings are Keys.
func ConstantOf(v lua.LValue) Value {
	if s, ok := v.(lua.LString); ok {
		return KeyOf(string(s)).Value()
	}
	return ValueOf(v)
}

// key returns the Key that v, made by Key.Value, is.
func (v *Value) key() *Key { return (*Key)(v.p) }

// Keys of the metamethods that the loop looks for.
var (
	valueIndex    = KeyOf("__index").Value()
	valueNewIndex = KeyOf("__newindex").Value()
)

// hashString hashes as Lua 5.1 does: it looks at 32 bytes of a longer string, or some more.
func hashString(s string) uint32 {
	h := uint32(len(s))
	step := len(s)>>5 + 1
	for i := len(s); i >= step; i -= step {
		h ^= h<<5 + h>>2 + uint32(s[i-1])
	}
	return h
}
