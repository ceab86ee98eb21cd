package multiprocessing

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"

	"luaspawn/proc"
)

// Classes look as in the middleclass library: a class has
// name, super, static, subclass, new, allocate, include, isSubclassOf and the
// hook subclassed; an object has class and isInstanceOf.
//
//	class    { name, super, static = {...},      metatable: classMeta, one for all
//	           __instanceDict = dict,            methods and metamethods
//	           __declaredMethods = {...} }       what the class itself declares of __index, __newindex
//	object   { _process = userdata, ... }        metatable: dict of its class
//
// Classes are made of tables and named Go functions, so they travel like any table.
// A method is looked up from class to class each time. So subclasses need not be told when a method is
// added later, and no class knows its subclasses, which would have to travel
// with it.
const (
	instanceDict = "__instanceDict"
	declared     = "__declaredMethods"
	static       = "static"
)

// metamethods are copied from a class's ancestors into its own dict, since the VM looks for metamethods of its
// objects nowhere else.
var metamethods = []string{
	"__tostring", "__call", "__len", "__concat", "__unm", "__eq", "__lt", "__le",
	"__add", "__sub", "__mul", "__div", "__mod", "__pow", "__metatable", "__mode", "__gc",
}

// newProcessClass makes the class Process.
func (lib *library) newProcessClass(L *lua.LState) *lua.LTable {
	meta := glua.NewFunctions(L, map[string]lua.LGFunction{
		"__index":    classIndex,
		"__newindex": classNewIndex,
		"__call":     classCall,
		"__tostring": classToString,
	}, 0)
	class := newClass(meta, "Process", nil)
	glua.SetFuncs(L, glua.Named(class, static).(*lua.LTable), map[string]lua.LGFunction{
		"subclass":     classSubclass,
		"subclassed":   func(*lua.LState) int { return 0 },
		"new":          classNew,
		"allocate":     classAllocate,
		"include":      classInclude,
		"isSubclassOf": classIsSubclassOf,
	})
	dict := glua.Named(class, instanceDict).(*lua.LTable)
	glua.SetFuncs(L, dict, map[string]lua.LGFunction{
		"__index":      lib.index,
		"__newindex":   lib.newIndex,
		"__tostring":   lib.tostring,
		"initialize":   lib.initialize,
		"isInstanceOf": objectIsInstanceOf,
		"start":        lib.start,
		"run":          lib.run,
		"join":         lib.join,
		"terminate":    signalMethod(15, (*proc.Process).Terminate),
		"kill":         signalMethod(9, (*proc.Process).Kill),
		"interrupt":    signalMethod(2, (*proc.Process).Interrupt),
		"is_alive":     lib.isAlive,
		"close":        lib.closeObject,
	})
	return class
}

func newClass(meta *lua.LTable, name string, super *lua.LTable) *lua.LTable {
	class, dict, statics := glua.NewTable(0, 5), glua.NewTable(0, 16), glua.NewTable(0, 8)
	glua.SetNamed(dict, "class", class)
	glua.SetNamed(class, "name", lua.LString(name))
	glua.SetNamed(class, static, statics)
	glua.SetNamed(class, instanceDict, dict)
	glua.SetNamed(class, declared, glua.NewTable(0, 0))
	if super != nil {
		glua.SetNamed(class, "super", super)
		from := glua.Named(super, instanceDict).(*lua.LTable)
		for _, event := range []string{"__index", "__newindex"} {
			glua.SetNamed(dict, event, glua.Named(from, event))
		}
	}
	class.Metatable = meta
	return class
}

// classOf returns the class whose objects have dict as their metatable, or nil.
func classOf(dict *lua.LTable) *lua.LTable {
	if dict == nil {
		return nil
	}
	class, _ := glua.Named(dict, "class").(*lua.LTable)
	return class
}

func className(object *lua.LTable) string {
	dict, _ := object.Metatable.(*lua.LTable)
	if class := classOf(dict); class != nil {
		return glua.Named(class, "name").String()
	}
	return "Process"
}

func superOf(class *lua.LTable) *lua.LTable {
	super, _ := glua.Named(class, "super").(*lua.LTable)
	return super
}

// lookup looks for key in the given tables of class and its ancestors.
func lookup(class *lua.LTable, key lua.LValue, tables ...string) lua.LValue {
	for ; class != nil; class = superOf(class) {
		for _, name := range tables {
			if t, ok := glua.Named(class, name).(*lua.LTable); ok {
				if v := glua.Get(t, key); v != lua.LNil {
					return v
				}
			}
		}
	}
	return lua.LNil
}

// newInstance makes an object of class, not initialized yet.
func newInstance(class *lua.LTable) *lua.LTable {
	dict := glua.Named(class, instanceDict).(*lua.LTable)
	for _, event := range metamethods {
		if glua.Named(dict, event) == lua.LNil {
			if v := lookup(superOf(class), lua.LString(event), instanceDict); v != lua.LNil {
				glua.SetNamed(dict, event, v)
			}
		}
	}
	object := glua.NewTable(0, 4)
	object.Metatable = dict
	return object
}

// checkClass returns the first argument of function, which must be a class.
func checkClass(L *lua.LState, function string) *lua.LTable {
	class, ok := L.Get(1).(*lua.LTable)
	if !ok || glua.Named(class, instanceDict) == lua.LNil {
		L.RaiseError("Make sure that you are using 'Class:%s' instead of 'Class.%s'", function, function)
	}
	return class
}

// classIndex is __index of classes: static members, then methods, of the class
// and its ancestors.
func classIndex(L *lua.LState) int {
	L.Push(lookup(L.CheckTable(1), L.Get(2), static, instanceDict))
	return 1
}

// classNewIndex is __newindex of classes: it declares a method.
func classNewIndex(L *lua.LState) int {
	class, key, value := L.CheckTable(1), L.Get(2), L.Get(3)
	to := instanceDict
	if key == lua.LString("__index") || key == lua.LString("__newindex") {
		to = declared // behind those that objects have
	}
	fields, ok := glua.Named(class, to).(*lua.LTable)
	if !ok {
		L.ArgError(1, "class expected")
	}
	vm.RawSet(L, fields, key, value)
	return 0
}

// classCall is Class(...): Class:new(...).
func classCall(L *lua.LState) int {
	L.Insert(vm.Field(L, L.CheckTable(1), "new"), 1)
	glua.Call(L, L.GetTop()-1, 1)
	return 1
}

func classToString(L *lua.LState) int {
	L.Push(lua.LString("class " + glua.Named(L.CheckTable(1), "name").String()))
	return 1
}

// classNew is Class:new(...): allocate, then initialize.
func classNew(L *lua.LState) int {
	class := checkClass(L, "new")
	L.Push(vm.Field(L, class, "allocate"))
	L.Push(class)
	glua.Call(L, 1, 1)
	object := L.Get(-1)
	L.Pop(1)
	L.Replace(1, object)
	L.Insert(vm.Field(L, object, "initialize"), 1)
	glua.Call(L, L.GetTop()-1, 0)
	L.Push(object)
	return 1
}

func classAllocate(L *lua.LState) int {
	L.Push(newInstance(checkClass(L, "allocate")))
	return 1
}

// classSubclass is Class:subclass(name).
func classSubclass(L *lua.LState) int {
	super := checkClass(L, "subclass")
	name, ok := L.Get(2).(lua.LString)
	if !ok {
		L.RaiseError("You must provide a name(string) for your class")
	}
	class := newClass(super.Metatable.(*lua.LTable), string(name), super)
	L.Push(vm.Field(L, super, "subclassed"))
	L.Push(super)
	L.Push(class)
	glua.Call(L, 2, 0)
	L.Push(class)
	return 1
}

// classInclude is Class:include(mixin, ...).
func classInclude(L *lua.LState) int {
	class := checkClass(L, "include")
	for i := 2; i <= L.GetTop(); i++ {
		mixin := L.CheckTable(i)
		for k, v := glua.Next(mixin, lua.LNil); k != lua.LNil; k, v = glua.Next(mixin, k) {
			if k != lua.LString("included") && k != lua.LString(static) {
				vm.SetTable(L, class, k, v)
			}
		}
		if members, ok := glua.Named(mixin, static).(*lua.LTable); ok {
			to := glua.Named(class, static).(*lua.LTable)
			for k, v := glua.Next(members, lua.LNil); k != lua.LNil; k, v = glua.Next(members, k) {
				glua.Set(to, k, v)
			}
		}
		if hook := glua.Named(mixin, "included"); hook != lua.LNil {
			L.Push(hook)
			L.Push(mixin)
			L.Push(class)
			glua.Call(L, 2, 0)
		}
	}
	L.Push(class)
	return 1
}

// classIsSubclassOf is Class:isSubclassOf(other).
func classIsSubclassOf(L *lua.LState) int {
	other := L.Get(2)
	L.Push(lua.LBool(slices.Contains(ancestors(superOf(checkClass(L, "isSubclassOf"))), other)))
	return 1
}

// objectIsInstanceOf is object:isInstanceOf(class).
func objectIsInstanceOf(L *lua.LState) int {
	dict, _ := L.CheckTable(1).Metatable.(*lua.LTable)
	L.Push(lua.LBool(slices.Contains(ancestors(classOf(dict)), L.Get(2))))
	return 1
}

// ancestors lists class and the classes it inherits from.
func ancestors(class *lua.LTable) []lua.LValue {
	var list []lua.LValue
	for ; class != nil; class = superOf(class) {
		list = append(list, class)
	}
	return list
}
