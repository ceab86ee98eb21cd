package multiprocessing

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// index is __index of all Process objects: fields that are computed, then
// methods of the class and those it inherits, then what a class has as its own
// __index.
func (lib *library) index(L *lua.LState) int {
	self := L.CheckTable(1)
	key := L.Get(2)
	if name, ok := key.(lua.LString); ok {
		if get := getters[string(name)]; get != nil {
			L.Push(get(L))
			return 1
		}
		if i := pipeOf(string(name)); i >= 0 {
			if o := stateOf(self); o != nil && o.pipes[i] != nil && o.pipes[i].file != nil {
				L.Push(o.pipes[i].file)
				return 1
			}
		}
	}
	dict, ok := self.Metatable.(*lua.LTable)
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	class := classOf(dict)
	if v := lookup(class, key, instanceDict); v != lua.LNil {
		L.Push(v)
		return 1
	}
	switch own := lookup(class, lua.LString("__index"), declared).(type) {
	case *lua.LFunction:
		L.Push(own)
		L.Push(self)
		L.Push(key)
		glua.Call(L, 2, 1)
	case *lua.LNilType:
		L.Push(lua.LNil)
	default:
		L.Push(vm.GetTable(L, own, key))
	}
	return 1
}

// newIndex is __newindex of all Process objects.
func (lib *library) newIndex(L *lua.LState) int {
	self, key, value := L.CheckTable(1), L.Get(2), L.Get(3)
	if name, ok := key.(lua.LString); ok && getters[string(name)] != nil {
		setField(L, self, string(name), value)
		return 0
	}
	dict, _ := self.Metatable.(*lua.LTable)
	switch own := lookup(classOf(dict), lua.LString("__newindex"), declared).(type) {
	case *lua.LFunction:
		L.Push(own)
		L.Push(self)
		L.Push(key)
		L.Push(value)
		glua.Call(L, 3, 0)
	case *lua.LNilType:
		vm.RawSet(L, self, key, value)
	default:
		vm.SetTable(L, own, key, value)
	}
	return 0
}

// getters are the fields of a Process that are computed, or guarded when set.
// The object is argument 1.
var getters = map[string]func(*lua.LState) lua.LValue{
	"name":    func(L *lua.LState) lua.LValue { return lua.LString(checkObject(L).name) },
	"daemon":  func(L *lua.LState) lua.LValue { return lua.LBool(checkObject(L).daemon) },
	"authkey": func(L *lua.LState) lua.LValue { return lua.LString(checkObject(L).key()) },
	"pid":     getPid,
	"ident":   getPid,
	"exitcode": func(L *lua.LState) lua.LValue {
		return checkOpen(L).exitCode()
	},
	"sentinel": func(L *lua.LState) lua.LValue {
		o := checkOpen(L)
		if o.process == nil {
			L.RaiseError("process not started")
		}
		return lua.LNumber(o.lib.sentinelOf(o))
	},
}

func getPid(L *lua.LState) lua.LValue {
	if pid := checkOpen(L).knownPid(); pid != 0 {
		return lua.LNumber(pid)
	}
	return lua.LNil
}

func setField(L *lua.LState, self *lua.LTable, name string, value lua.LValue) {
	if name == "name" && stateOf(self) == nil {
		glua.SetNamed(self, name, value) // until initialize gives it the one of its class
		return
	}
	o := checkObject(L)
	text, isString := value.(lua.LString)
	switch name {
	case "name", "authkey":
		if !isString {
			L.RaiseError("%s must be a string", name)
		}
		if name == "name" {
			o.name = string(text)
		} else {
			o.setKey(string(text))
		}
	case "daemon":
		if o.process != nil {
			L.RaiseError("process has already started")
		}
		o.daemon = lua.LVAsBool(value)
	default:
		L.RaiseError("can't set attribute '%s'", name)
	}
}
