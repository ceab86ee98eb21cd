package glua

import lua "github.com/yuin/gopher-lua"

// maxChain is how many metatables are looked into for one key.
const maxChain = 100

// Field returns t[key], also by way of tables that __index names. It is not ok
// where __index is something else, or the way too long.
func Field(t *lua.LTable, key string) (v lua.LValue, ok bool) {
	for range maxChain {
		in := InsideTable(t)
		if v, ok := in.strDict[key]; ok {
			return v, true
		}
		meta, ok := in.Metatable.(*lua.LTable)
		if !ok {
			return lua.LNil, true
		}
		index, ok := InsideTable(meta).strDict["__index"]
		if !ok {
			return lua.LNil, true
		}
		if t, ok = index.(*lua.LTable); !ok {
			break
		}
	}
	return nil, false
}

// SetField does t[key] = v and says so, unless __newindex may have to. Name is
// key.
func SetField(t *lua.LTable, name string, key, v lua.LValue) bool {
	in := InsideTable(t)
	if _, ok := v.(*lua.LNilType); ok {
		return false
	}
	if _, ok := in.strDict[name]; ok {
		in.strDict[name] = v
		return true
	}
	if meta, ok := in.Metatable.(*lua.LTable); ok {
		if _, ok := InsideTable(meta).strDict["__newindex"]; ok {
			return false
		}
	}
	if in.strDict == nil {
		in.strDict = map[string]lua.LValue{}
	}
	if in.k2i == nil {
		in.k2i = map[lua.LValue]int{}
	}
	in.strDict[name] = v
	if _, ok := in.k2i[key]; !ok {
		in.k2i[key] = len(in.keys)
		in.keys = append(in.keys, key)
		in.Sweep()
	}
	return true
}

// NewTable returns a table with room for so many items and fields.
func NewTable(items, fields int) *lua.LTable {
	t := &Table{Metatable: lua.LNil}
	if items > 0 {
		t.array = make([]lua.LValue, 0, items)
	}
	if fields > 0 {
		t.strDict = make(map[string]lua.LValue, fields)
		t.k2i = make(map[lua.LValue]int, fields)
		t.keys = make([]lua.LValue, 0, fields)
	}
	return t.Outside()
}
