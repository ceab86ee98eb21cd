package snapshot

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// Whoever unpacks finds by its name alone what whoever packs has named.
func TestFind(t *testing.T) {
	L := lua.NewState()
	vm.Adopt(L)
	defer L.Close()
	if err := L.DoString(`
		deep = setmetatable({["a.b"] = {c = print}, [1.5] = {}, ["of )"] = {}}, setmetatable({}, {inner = {}}))
		deep.self, deep.a = deep, {}
		twice = {a = {b = {}}, ["a.b"] = {}}
		twice.x, twice["x.x"] = twice, twice
	`); err != nil {
		t.Fatal(err)
	}
	pipe := L.NewUserData()
	pipe.Metatable = glua.NewTable(0, 0)
	glua.SetNamed(L.G.Global, "counter", L.NewClosure(func(*lua.LState) int { return 0 }, lua.LNumber(1), pipe))
	all := takeBuiltins(L)
	all.entitle()
	if len(all.list) < 150 {
		t.Fatalf("only %d builtins", len(all.list))
	}
	nearest := map[string]lua.LValue{} // some have one name
	for _, one := range all.list {
		if _, ok := nearest[one.name]; !ok {
			nearest[one.name] = one.value
		}
	}
	b := takeBuiltins(L)
	for name, want := range nearest {
		if strings.HasPrefix(name, "_G.twice") {
			continue
		}
		if v, ok := b.find(name); !ok || v != want {
			t.Errorf("find(%q) = %v, %v; want %v", name, v, ok, want)
		}
	}
	if b.index != nil {
		t.Error("find has named all builtins")
	}
	for name, want := range nearest { // also where several ways lead
		if v, ok := b.find(name); !ok || v != want {
			t.Errorf("find(%q) = %v, %v; want %v", name, v, ok, want)
		}
	}
	for _, want := range []string{
		"_G.deep.a.b.c", "(metatable of (metatable of _G.deep)).inner", "_G.deep.(number 1.5)", "(metatable of (upvalue 1 of _G.counter))",
	} {
		if v, ok := b.find(want); !ok || !named(v) {
			t.Errorf("find(%q) = %v, %v", want, v, ok)
		}
	}
	for _, none := range []string{
		"", "_", "_Gx", "_G.", "_G.print.x", "_G.prin", "_G.deep.a.c", "(metatable of _G.print)", "(metatable of _G.deep",
		"(upvalue 7 of _G.counter)", "(upvalue 0 of _G.counter)", "(upvalue -1 of _G.counter)", "_G" + strings.Repeat("._G", 1<<20), "_G.twice" + strings.Repeat(".x", 400) + ".y", strings.Repeat("(metatable of ", 1<<20),
	} {
		if v, ok := b.find(none); ok {
			t.Errorf("find(%.40q) = %v", none, v)
		}
	}
}
