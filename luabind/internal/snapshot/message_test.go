package snapshot

import (
	"fmt"
	"maps"
	"runtime"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// defined are Definitions in memory. lost: they keep nothing.
type defined struct {
	of     map[ID][]byte
	lost   bool
	bytes  int
	lookup int
}

func (d *defined) Has(id ID) bool { return d.of[id] != nil }

func (d *defined) Define(ids []ID, definition []byte) bool {
	if d.lost {
		return false
	}
	if d.of == nil {
		d.of = map[ID][]byte{}
	}
	for _, id := range ids {
		d.of[id] = definition
	}
	d.bytes += len(definition)
	return true
}

func (d *defined) Lookup(id ID) ([]byte, bool) {
	d.lookup++
	b, ok := d.of[id]
	return b, ok
}

// post sends the value of an expression to another side, as a message.
func (s *side) post(to *side, defs Definitions, v lua.LValue) lua.LValue {
	s.t.Helper()
	m, err := s.PackMessage(nil, defs, "a queue", Root{"value", v})
	if err != nil {
		s.t.Fatal(err)
	}
	got, err := to.UnpackMessage(m, defs)
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

// child returns a side that was made with what source returns, as a child is, and what
// came there.
func (s *side) child(source string) (*side, lua.LValue) {
	s.t.Helper()
	to := newSide(s.t)
	b, err := s.Pack("the child", Root{"target", s.eval(source)})
	if err != nil {
		s.t.Fatal(err)
	}
	roots, err := to.Unpack(b)
	if err != nil {
		s.t.Fatal(err)
	}
	return to, roots[0]
}

func (s *side) same(what string, got, want lua.LValue) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

const pointClass = `
	Point = {} Point.__index = Point
	function Point.new(x) return setmetatable({x = x}, Point) end
	function Point:get() return self.x end
	function Point:add(n) self.x = self.x + n return self end
`

func metatableOf(v lua.LValue) lua.LValue { return v.(*lua.LTable).Metatable }

// Each case posts objects of a class once, twice and three times: by value, with a
// definition, and by name.
func TestMessageKeepsClasses(t *testing.T) {
	each := func(name string, f func(s *side, defs *defined)) {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, lost=%v", name, lost), func(t *testing.T) { f(newSide(t), &defined{lost: lost}) })
		}
	}
	each("within one engine", func(s *side, defs *defined) {
		s.eval(pointClass)
		class := glua.Named(s.L.G.Global, "Point")
		for i := range 3 {
			s.same(fmt.Sprint("metatable ", i), metatableOf(s.post(s, defs, s.eval(`return Point.new(1)`))), class)
		}
		s.same("the global", glua.Named(s.L.G.Global, "Point"), class)
	})
	each("made before the child", func(s *side, defs *defined) {
		s.eval(pointClass)
		child, _ := s.child(`return function() return Point.new(5) end`)
		other, _ := s.child(`return function() return Point end`)
		class := glua.Named(child.L.G.Global, "Point")
		for i := range 3 {
			s.same(fmt.Sprint("there ", i), metatableOf(s.post(child, defs, s.eval(`return Point.new(1)`))), class)
			s.same(fmt.Sprint("back ", i), metatableOf(child.post(s, defs, child.eval(`return Point.new(1)`))), glua.Named(s.L.G.Global, "Point"))
			s.same(fmt.Sprint("to a brother ", i), metatableOf(child.post(other, defs, child.eval(`return Point.new(1)`))), glua.Named(other.L.G.Global, "Point"))
		}
	})
	each("only the sender has it", func(s *side, defs *defined) {
		to := newSide(t)
		s.eval(pointClass)
		var class lua.LValue
		for i := range 4 {
			o := s.post(to, defs, s.eval(`return Point.new(1)`))
			if class == nil {
				class = metatableOf(o)
			}
			s.same(fmt.Sprint("metatable ", i), metatableOf(o), class)
			glua.SetNamed(to.L.G.Global, "o", o)
			s.same("it works", to.eval(`return o:add(2):get()`), lua.LNumber(3))
			back := to.post(s, defs, o)
			s.same("and back", metatableOf(back), glua.Named(s.L.G.Global, "Point"))
			glua.SetNamed(s.L.G.Global, "o", back)
			s.same("it works here", s.eval(`return o:get()`), lua.LNumber(3))
		}
		late := newSide(t) // who has received none of those before
		glua.SetNamed(late.L.G.Global, "o", s.post(late, defs, s.eval(`return Point.new(1)`)))
		s.same("with one who comes late", late.eval(`return o:add(1):get()`), lua.LNumber(2))
	})
	each("a method that came later", func(s *side, defs *defined) {
		to := newSide(t)
		s.eval(pointClass)
		for range 3 {
			s.post(to, defs, s.eval(`return Point.new(1)`))
		}
		s.eval(`function Point:late() return "late" end`)
		for i := range 3 {
			glua.SetNamed(to.L.G.Global, "o", s.post(to, defs, s.eval(`return Point.new(1)`)))
			s.same(fmt.Sprint("call ", i), to.eval(`return o:late()`), lua.LString("late"))
		}
	})
	each("a counter in the class", func(s *side, defs *defined) {
		to := newSide(t)
		s.eval(pointClass)
		var class lua.LValue
		for i := range 4 {
			o := s.post(to, defs, s.eval(`Point.count = (Point.count or 0) + 1 return Point.new(1)`))
			if class == nil {
				class = metatableOf(o)
			}
			s.same(fmt.Sprint("metatable ", i), metatableOf(o), class)
		}
	})
	each("a metatable for each object", func(s *side, defs *defined) {
		to := newSide(t)
		s.eval(pointClass)
		var class lua.LValue
		for i := range 4 {
			o := s.post(to, defs, s.eval(`return setmetatable({x = 1}, {__index = Point})`))
			index := glua.Named(metatableOf(o).(*lua.LTable), "__index")
			if class == nil {
				class = index
			}
			s.same(fmt.Sprint("class ", i), index, class)
		}
	})
	each("a class as a value, and in a field", func(s *side, defs *defined) {
		s.eval(pointClass)
		child, _ := s.child(`return function() return Point end`)
		for range 3 {
			s.same("value", s.post(child, defs, glua.Named(s.L.G.Global, "Point")), glua.Named(child.L.G.Global, "Point"))
			got := s.post(child, defs, s.eval(`return {class = Point, n = 1}`)).(*lua.LTable)
			s.same("field", glua.Named(got, "class"), glua.Named(child.L.G.Global, "Point"))
			s.same("data", glua.Named(got, "n"), lua.LNumber(1))
		}
	})
	each("a class without fields", func(s *side, defs *defined) {
		s.eval(`Empty, List, Index, proxy = {}, {1, 2}, {3}, newproxy(true)`)
		for name, source := range map[string]string{
			"empty": `return {setmetatable({}, Empty), Empty}`,
			"list":  `return {setmetatable({}, List), List}`,
			"index": `return {setmetatable({}, {__index = Index})}`,
			"proxy": `return {proxy}`,
		} {
			to := newSide(t)
			for i := range 4 {
				if i > 1 { // who has received none of those before
					to = newSide(t)
				}
				got := s.post(to, defs, s.eval(source)).(*lua.LTable)
				if class := glua.Item(got, 2); class != lua.LNil {
					s.same(name, metatableOf(glua.Item(got, 1)), class)
				}
			}
		}
	})
	each("two classes that share a variable", func(s *side, defs *defined) {
		to := newSide(t)
		s.eval(`
			local made = 0
			A = {} A.__index = A function A.new() made = made + 1 return setmetatable({}, A) end function A:n() return made end
			B = {} B.__index = B function B.new() made = made + 1 return setmetatable({}, B) end function B:n() return made end`)
		for range 3 {
			glua.SetNamed(to.L.G.Global, "a", s.post(to, defs, s.eval(`return setmetatable({}, A)`)))
		}
		for range 3 {
			glua.SetNamed(to.L.G.Global, "b", s.post(to, defs, s.eval(`return setmetatable({}, B)`)))
		}
		if !defs.lost {
			to.eval(`getmetatable(a).new()`)
			s.same("counted by the other class", to.eval(`return b:n()`), lua.LNumber(1))
		}
	})
}

func TestMessageFunctions(t *testing.T) {
	s, defs := newSide(t), &defined{}
	to := newSide(t)
	s.eval(`
		local n, cfg = 1, {level = 1}
		function plain() return 7 end
		function number() return n end
		function setNumber(x) n = x end
		function level() return cfg.level end
		function setLevel(x) cfg.level = x end`)
	post := func(name string) lua.LValue { return s.post(to, defs, glua.Named(s.L.G.Global, name)) }
	first := post("plain")
	for i := range 3 {
		s.same(fmt.Sprint("the same function ", i), post("plain"), first)
	}
	for _, name := range []string{"number", "level"} {
		for i := 1; i < 4; i++ {
			f := glua.Named(s.L.G.Global, "set"+strings.ToUpper(name[:1])+name[1:])
			s.call(f, lua.LNumber(i))
			for range 2 {
				s.same(name, to.call(post(name)), lua.LNumber(i))
			}
		}
	}
	// One that the receiver has, but with another value.
	child, _ := s.child(`return function() return number() end`)
	s.call(glua.Named(s.L.G.Global, "setNumber"), lua.LNumber(20))
	s.same("not the child's own", child.call(s.post(child, defs, glua.Named(s.L.G.Global, "number"))), lua.LNumber(20))
	s.same("which stays", child.call(glua.Named(child.L.G.Global, "number")), lua.LNumber(3))
	// Closures of one function are told apart.
	s.eval(`function make(k) return function() return k end end`)
	for i := range 4 {
		s.same("closure", to.call(s.post(to, defs, s.eval(fmt.Sprintf(`return make(%d)`, i)))), lua.LNumber(i))
	}
}

func TestMessageModules(t *testing.T) {
	const source = `local M = {Sub = {}} M.__index = M M.Sub.__index = M.Sub
		function M.new(x) return setmetatable({x = x}, M) end
		function M.sub() return setmetatable({}, M.Sub) end
		package.loaded.mymod = M return M`
	load := func(s *side) lua.LValue {
		f, err := s.load("@mymod.lua", source)
		if err != nil {
			t.Fatal(err)
		}
		return s.call(f)
	}
	a, b, defs := newSide(t), newSide(t), &defined{}
	m := [2]lua.LValue{load(a), load(b)}
	for i := range 3 {
		o := a.post(b, defs, a.eval(`return {package.loaded.mymod.new(1), package.loaded.mymod, package.loaded.mymod.new, package.loaded.mymod.sub()}`)).(*lua.LTable)
		a.same(fmt.Sprint("metatable ", i), metatableOf(glua.Item(o, 1)), m[1])
		a.same("module", glua.Item(o, 2), m[1])
		a.same("function", glua.Item(o, 3), glua.Named(m[1].(*lua.LTable), "new"))
		a.same("class in a module", metatableOf(glua.Item(o, 4)), glua.Named(m[1].(*lua.LTable), "Sub"))
	}
	a.same("loaded there", b.eval(`return package.loaded.mymod`), m[1])

	// Who has not loaded it has it then.
	c := newSide(t)
	o := a.post(c, defs, a.eval(`return package.loaded.mymod.new(1)`))
	a.same("loaded by it", c.eval(`return package.loaded.mymod`), metatableOf(o))

	// Loaded once more, it is another module; what came of the first stays.
	again := load(a)
	for range 3 {
		a.same("of the new one", metatableOf(a.post(a, defs, a.eval(`return package.loaded.mymod.new(1)`))), again)
		old := glua.Named(m[0].(*lua.LTable), "new")
		a.same("of the old one", metatableOf(a.post(a, defs, a.call(old, lua.LNumber(1)))), m[0])
	}
	a.same("the module", a.eval(`return package.loaded.mymod`), again)
}

// What comes with a message replaces nothing that is there.
func TestMessageReplacesNothing(t *testing.T) {
	const setUp = `
		x, y = %q, %s
		package.loaded.m = {n = %q}
		function string.trim(s) return %q end
		setmetatable(_G, {__index = function(_, k) if k == "zzz" then return %q end end})`
	for name, what := range map[string]string{
		"named":      `return function() return x, y, require "m", ("s"):trim() end`,
		"everything": `return function() return loadstring("return x")() end`,
	} {
		t.Run(name, func(t *testing.T) {
			a, b := newSide(t), newSide(t)
			a.eval(fmt.Sprintf(setUp, "a", "1", "a", "a", "a"))
			b.eval(fmt.Sprintf(setUp, "b", "nil", "b", "b", "b"))
			own := b.eval(`return package.loaded.m`)
			f := a.post(b, nil, a.eval(what))
			if name == "named" {
				b.same("x", b.call(f), lua.LString("b"))
			}
			for expression, want := range map[string]lua.LValue{
				"x": lua.LString("b"), "y": lua.LNumber(1), "package.loaded.m": own, "('s'):trim()": lua.LString("b"), "zzz": lua.LString("b"),
			} {
				b.same(expression, b.eval("return "+expression), want)
			}
		})
	}
}

// A value that comes a hundred thousand times leaves nothing behind, wherever its class is from.
func TestMessageMemory(t *testing.T) {
	s, to, defs := newSide(t), newSide(t), &defined{}
	s.eval(pointClass)
	each := func(n int, source string) {
		f, err := s.load("each", source)
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			s.post(to, defs, s.call(f))
		}
	}
	sources := []string{`return Point.new(1)`, `return setmetatable({}, {__index = Point})`, `local k = {} return function() return k end`}
	for _, source := range sources {
		each(1000, source)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, definitions := heap(), len(maps.Clone(defs.of))
	for _, source := range sources {
		each(5000, source)
	}
	if after := heap(); after > before+1<<19 {
		t.Errorf("the heap grew from %d to %d", before, after)
	}
	if len(defs.of) != definitions {
		t.Errorf("%d definitions, then %d", definitions, len(defs.of))
	}
}

// A peer may send anything that passes the checksum.
func TestMessageDamage(t *testing.T) {
	s, defs := newSide(t), &defined{}
	s.eval(pointClass)
	for range 2 {
		s.post(newSide(t), defs, s.eval(`return Point.new(1)`))
	}
	m, err := s.PackMessage(nil, defs, "a queue", Root{"value", s.eval(`return Point.new(1)`)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newSide(t).UnpackMessage(&Snapshot{Data: m.Data}, &defined{}); err == nil || !strings.Contains(err.Error(), "never defined") {
		t.Errorf("without its definition: got %v", err)
	}
	// A definition that needs itself.
	loop := &defined{of: map[ID][]byte{}}
	for id := range defs.of {
		loop.of[id] = m.Data
	}
	if _, err := newSide(t).UnpackMessage(&Snapshot{Data: m.Data}, loop); err == nil {
		t.Error("a definition that needs itself was unpacked")
	}
}

func BenchmarkMessage(b *testing.B) {
	for _, v := range []struct{ name, source string }{
		{"plain", `return {x = 1, y = 2}`},
		{"object", `return setmetatable({x = 1, y = 2}, Point)`},
		{"function", `return Point.new`},
		{"closure", `local k = 0 return function() k = k + 1 return k end`},
	} {
		b.Run(v.name, func(b *testing.B) {
			s, to, defs := newSide(b), newSide(b), &defined{}
			s.eval(pointClass)
			for i := range 30 {
				s.eval(fmt.Sprintf(`function Point:m%d() return self.x + %d end`, i, i))
			}
			o := s.eval(v.source)
			for b.Loop() {
				s.post(to, defs, o)
			}
		})
	}
}
