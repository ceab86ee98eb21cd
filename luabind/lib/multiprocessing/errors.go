package multiprocessing

import (
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// classes has the classes of errors, each with its superclass. They are Python's, as far as they are
// needed. An error is a table
//
//	{name = "Empty", message = "no item within the time"}
//
// with its class as metatable: err.class == multiprocessing.Empty, and
// err:isInstanceOf(multiprocessing.ProcessError) asks for the kinds too.
// tostring(err) is its position, its name and its message.
var classes = []struct{ name, super string }{
	{"ProcessError", ""},
	{"TimeoutError", "ProcessError"},
	{"AuthenticationError", "ProcessError"},
	{"BufferTooShort", "ProcessError"},
	{"Empty", ""},
	{"Full", ""},
	{"RuntimeError", ""},
	{"BrokenBarrierError", "RuntimeError"},
	{"ValueError", ""},
	{"AssertionError", ""},
	{"IndexError", ""},
	{"EOFError", ""},
	{"OSError", ""},
	{"BrokenPipeError", "OSError"},
	{"ConnectionError", "OSError"},
	{"TaskError", "ProcessError"},
	{"WorkerLostError", "ProcessError"},
	{"BrokenPoolError", "RuntimeError"},
	{"CancelledError", ""},
}

// position is the field that has the place, "file:line: ", where an error was raised.
const position = "where"

func (lib *sharing) openErrors(L *lua.LState, module *lua.LTable) {
	isInstanceOf := L.NewFunction(func(L *lua.LState) int {
		class, _ := L.CheckTable(1).Metatable.(*lua.LTable)
		for class != nil && class != L.Get(2) {
			class, _ = glua.Named(class, "super").(*lua.LTable)
		}
		L.Push(lua.LBool(class != nil))
		return 1
	})
	text := func(L *lua.LState, n int) lua.LString {
		if t, ok := L.Get(n).(*lua.LTable); ok {
			if _, ok := glua.Named(t, "message").(lua.LString); ok {
				s := lua.LVAsString(glua.Named(t, position)) +
					lua.LVAsString(glua.Named(t, "name")) + ": " + lua.LVAsString(glua.Named(t, "message"))
				if stack := lua.LVAsString(glua.Named(t, "traceback")); stack != "" {
					s += "\n" + stack
				}
				return lua.LString(s)
			}
		}
		return lua.LString(vm.ToString(L, L.Get(n)))
	}
	toString := L.NewFunction(func(L *lua.LState) int {
		L.Push(text(L, 1))
		return 1
	})
	concat := L.NewFunction(func(L *lua.LState) int {
		L.Push(text(L, 1) + text(L, 2))
		return 1
	})
	for _, c := range classes {
		class := glua.NewTable(0, 7)
		glua.SetNamed(class, "name", lua.LString(c.name))
		glua.SetNamed(class, "class", class)
		glua.SetNamed(class, "isInstanceOf", isInstanceOf)
		glua.SetNamed(class, "__index", class)
		glua.SetNamed(class, "__tostring", toString)
		glua.SetNamed(class, "__concat", concat)
		if c.super != "" {
			glua.SetNamed(class, "super", lib.classes[c.super])
		}
		lib.classes[c.name] = class
		glua.SetNamed(module, c.name, class)
	}
}

// raise raises an error of a class.
func (lib *sharing) raise(L *lua.LState, class, message string) {
	e := glua.NewTable(0, 3)
	glua.SetNamed(e, "name", lua.LString(class))
	glua.SetNamed(e, "message", lua.LString(message))
	glua.SetNamed(e, position, lua.LString(arg.Where(L)))
	e.Metatable = lib.classes[class]
	glua.Raise(L, e)
}
