package snapshot

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// A step leads from one object to a value: by a field, an upvalue and so on.
type step struct {
	kind  stepKind
	index int        // of an item, where key is nil
	key   lua.LValue // of a field, a global or a module
	name  string     // of a root, an upvalue or a builtin
	from  int        // the object it starts from; -1: none
}

type stepKind uint8

const (
	root stepKind = iota
	item
	key
	metatable
	environment
	upvalue
	content // what a userdata brings along
	global
	globalKey
	globalsMetatable
	basicMetatable
	builtinItem
	builtinMetatable
	module
)

// pathLimit is how many steps of a path are told.
const pathLimit = 40

// path words how the step s from the current object is reached from a root:
// args[1].conn.log, or (upvalue log of target)[2].
func (p *packer) path(s step) string {
	if p.paths == nil {
		return "" // the second run will tell
	}
	s.from = p.current
	steps := []step{s}
	for s.from >= 0 {
		s = p.paths[s.from]
		steps = append(steps, s)
	}
	cut := 0
	if len(steps) > pathLimit {
		cut = len(steps) - pathLimit
	}
	path := ""
	for i := len(steps) - 1; i >= 0; i-- {
		if i >= pathLimit/2 && i < pathLimit/2+cut {
			if i == pathLimit/2 {
				path += " ... "
			}
			continue
		}
		path = steps[i].after(path)
	}
	return path
}

// after appends the step to a path.
func (s step) after(path string) string {
	switch s.kind {
	case root:
		return s.name
	case item:
		if s.key == nil {
			return path + "[" + strconv.Itoa(s.index) + "]"
		}
		return path + keyed(s.key)
	case key:
		return "(key of " + path + ")"
	case metatable:
		return "(metatable of " + path + ")"
	case environment:
		return "(environment of " + path + ")"
	case upvalue:
		return "(upvalue " + s.name + " of " + path + ")"
	case content:
		return path
	case global, globalKey:
		return "(global " + keyText(s.key) + ")"
	case globalsMetatable:
		return "(metatable of _G)"
	case basicMetatable:
		return "(metatable of " + s.name + ")"
	case builtinItem:
		return strings.TrimPrefix(s.name, "_G.") + keyed(s.key)
	case builtinMetatable:
		return "(metatable of " + strings.TrimPrefix(s.name, "_G.") + ")"
	default:
		return "(module " + keyText(s.key) + ")"
	}
}

// keyed words the access by a key: .name, ["a b"], [true].
func keyed(k lua.LValue) string {
	if s, ok := k.(lua.LString); ok && isName(string(s)) {
		return "." + string(s)
	}
	return "[" + keyText(k) + "]"
}

func keyText(k lua.LValue) string {
	switch k := k.(type) {
	case lua.LString:
		if isName(string(k)) {
			return string(k)
		}
		return strconv.Quote(string(k))
	case lua.LNumber, lua.LBool:
		return k.String()
	default:
		return "a " + k.Type().String()
	}
}

func isName(s string) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
