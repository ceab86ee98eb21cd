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

// wayLimit is how many steps of a way are told.
const wayLimit = 40

// way words how the step s from the current object is reached from a root:
// args[1].conn.log, or (upvalue log of target)[2].
func (p *packer) way(s step) string {
	if p.ways == nil {
		return "" // the second run will tell
	}
	s.from = p.current
	steps := []step{s}
	for s.from >= 0 {
		s = p.ways[s.from]
		steps = append(steps, s)
	}
	cut := 0
	if len(steps) > wayLimit {
		cut = len(steps) - wayLimit
	}
	way := ""
	for i := len(steps) - 1; i >= 0; i-- {
		if i >= wayLimit/2 && i < wayLimit/2+cut {
			if i == wayLimit/2 {
				way += " ... "
			}
			continue
		}
		way = steps[i].after(way)
	}
	return way
}

// after appends the step to a way.
func (s step) after(way string) string {
	switch s.kind {
	case root:
		return s.name
	case item:
		if s.key == nil {
			return way + "[" + strconv.Itoa(s.index) + "]"
		}
		return way + keyed(s.key)
	case key:
		return "(key of " + way + ")"
	case metatable:
		return "(metatable of " + way + ")"
	case environment:
		return "(environment of " + way + ")"
	case upvalue:
		return "(upvalue " + s.name + " of " + way + ")"
	case content:
		return way
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
