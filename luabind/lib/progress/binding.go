package progress

import (
	"errors"
	"math"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/numeral"
)

// className is what errors call a bar, and its metatable in the registry.
const className = "progress bar"

// metatableName is that in the registry, and of the class in the stub.
const metatableName = "progress.Bar"

// bind makes what require returns.
func (lib *library) bind(L *lua.LState) lua.LValue {
	metatable := glua.NewTable(0, 3)
	glua.SetNamed(metatable, "__index", glua.NewFunctions(L, map[string]lua.LGFunction{
		"add":   add,
		"close": closeBar,
	}, 0))
	glua.SetNamed(metatable, "__tostring", L.NewFunction(tostring))
	glua.SetNamed(metatable, "__call", L.NewFunction(closeBar)) // a loop over progress{}, an empty list
	glua.SetNamed(L.G.Registry, metatableName, metatable)
	return L.NewFunction(lib.progress)
}

// progress is progress(options), progress(iterator [, state, control] [, options]) or
// progress(list [, options]).
func (lib *library) progress(L *lua.LState) int {
	n := L.GetTop()
	first, isTable := L.Get(1).(*lua.LTable)
	switch {
	case arg.IsCallable(L, L.Get(1)):
		it := &iterator{f: L.Get(1), state: lua.LNil, control: lua.LNil}
		at := 2
		if n >= 3 { // what pairs and ipairs return
			it.state, it.control, at = L.Get(2), L.Get(3), 4
		} else if ofPairs(L, it.f) {
			arg.Raise(L, "the table is missing: of what pairs returns the options leave the first value alone (local f, s, c = pairs(t) and progress(f, s, c, options))")
		}
		it.bar = lib.barOf(checkOptions(L, at), -1)
		return it.push(L)
	case isTable && n == 1 && glua.Item(first, 1) == lua.LNil:
		L.Push(lib.userdata(L, lib.barOf(checkOptions(L, 1), -1)))
		return 1
	case isTable:
		it := &iterator{list: first}
		it.bar = lib.barOf(checkOptions(L, 2), float64(glua.Len(first)))
		return it.push(L)
	}
	arg.TypeError(L, 1, "function or table")
	return 0
}

// ofPairs says whether f is the first value of what pairs or ipairs returns, which does nothing without the others.
func ofPairs(L *lua.LState, f lua.LValue) bool {
	for _, name := range []string{"pairs", "ipairs"} {
		make, ok := glua.Named(L.G.Global, name).(*lua.LFunction)
		if !ok || !make.IsG { // a script's own: it may do anything
			continue
		}
		L.Push(make)
		L.Push(glua.NewTable(0, 0))
		glua.Call(L, 1, 1)
		first := L.Get(-1)
		L.Pop(1)
		if first == f {
			return true
		}
	}
	return false
}

// options are what a script says of a bar.
type options struct {
	label string
	total float64 // below 0: nothing was said
	lines bool
}

func (lib *library) barOf(o options, total float64) *Bar {
	if o.total >= 0 {
		total = o.total
	}
	return newBar(lib, o.label, total, o.lines)
}

// checkOptions reads argument n.
func checkOptions(L *lua.LState, n int) options {
	o := options{total: -1}
	if L.Get(n) == lua.LNil {
		return o
	}
	t := arg.Table(L, n)
	for key, v := range glua.Pairs(t) {
		switch key {
		case lua.LString("label"):
			label, ok := v.(lua.LString)
			if !ok {
				arg.Raise(L, "label must be a string")
			}
			o.label = string(label)
		case lua.LString("total"):
			total, ok := v.(lua.LNumber)
			if !ok || !(total >= 0) || math.IsInf(float64(total), 0) {
				arg.Raise(L, "total must be a number >= 0")
			}
			o.total = float64(total)
		case lua.LString("lines"):
			lines, ok := v.(lua.LBool)
			if !ok {
				arg.Raise(L, "lines must be true or false")
			}
			o.lines = bool(lines)
		default:
			arg.Raise(L, "progress() got an unexpected option '%s'", keyText(key))
		}
	}
	return o
}

func keyText(key lua.LValue) string {
	if n, ok := key.(lua.LNumber); ok {
		return numeral.Format(n)
	}
	return key.String()
}

// handle is the Value of a bar's userdata.
type handle struct{ bar *Bar }

// Pack refuses: what is done elsewhere has to be told here.
func (handle) Pack() (luabind.Parcel, error) {
	return luabind.Parcel{}, errors.New("a progress bar is its own process's: what others have done comes by a queue, say")
}

func (lib *library) userdata(L *lua.LState, b *Bar) *lua.LUserData {
	metatable := glua.Named(L.G.Registry, metatableName)
	return &lua.LUserData{Value: handle{b}, Env: L.G.Global, Metatable: metatable}
}

func check(L *lua.LState) *Bar {
	h, ok := arg.Value(L, 1).(handle)
	if !ok {
		arg.TypeError(L, 1, className)
	}
	return h.bar
}

// add is bar:add([n]).
func add(L *lua.LState) int {
	b, n := check(L), 1.0
	if L.Get(2) != lua.LNil {
		if n = arg.Number(L, 2); math.IsNaN(n) || math.IsInf(n, 0) {
			arg.Error(L, 2, "finite number expected")
		}
	}
	b.Add(n)
	return 0
}

// closeBar is bar:close().
func closeBar(L *lua.LState) int {
	check(L).Close()
	return 0
}

func tostring(L *lua.LState) int {
	b := check(L)
	s := state{label: b.label, done: b.done.get(), total: b.total}
	text := num(s.done)
	if s.total >= 0 {
		text = s.counts()
	}
	if s.label != "" {
		text = clean(s.label) + " " + text
	}
	L.Push(lua.LString("<" + className + " " + text + ">"))
	return 1
}
