package snapshot

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// A module that is opened on demand isn't there when the engine is new, but what is in it
// is the same in all engines, and travels by name like all that was. Its names begin
// with the module's, so that an engine which has not opened it yet knows what to open.

const (
	modulePrefix  = "(module "
	registryInfix = ") registry."
)

// Admit makes builtins of what a module holds that was opened just now: of its value, and
// of what it has entered into the registry. The module must have taken nothing from a script.
func (c *Codec) Admit(name string, v lua.LValue) {
	b := c.builtins
	roots := []Root{{modulePrefix + name + ")", v}}
	registry := b.held[c.L.G.Registry]
	for k, v := range glua.Pairs(c.L.G.Registry) {
		key, ok := k.(lua.LString)
		if ok && named(v) && b.held[v] == nil && b.original(c.L.G.Registry, k) == lua.LNil {
			roots = append(roots, Root{modulePrefix + name + registryInfix + string(key), v})
			registry.byKey[k] = v // and no field: it has its name from the module
			if b.owners == nil {
				b.owners = map[string]string{}
			}
			b.owners[string(key)] = name
		}
	}
	b.look(roots, 16)
	b.roots = append(b.roots, roots...)
	if b.byName == nil {
		b.byName = map[string]lua.LValue{}
	}
	b.byName[name] = v
	b.index = nil // names follow when the next one is asked for
}

// admitted says whether v is what the module of that name holds, opened on demand: the
// other side has it as well.
func (b *builtins) admitted(name, v lua.LValue) bool {
	s, ok := name.(lua.LString)
	return ok && b.byName[string(s)] == v && v != nil
}

// demand finds a builtin of a module that isn't open yet: it opens it. What several modules
// share has its name from the one that the other side has opened first.
func (c *Codec) demand(name string) (v lua.LValue, ok bool) {
	before, rest, ok := strings.Cut(name, modulePrefix)
	if !ok || c.Open == nil {
		return nil, false
	}
	module, _, _ := strings.Cut(rest, ")")
	if _, open := c.builtins.byName[module]; !open {
		if c.Open(module) != nil {
			return nil, false
		}
		if v, ok := c.builtins.find(name); ok {
			return v, true
		}
	}
	key, ok := strings.CutPrefix(rest, module+registryInfix)
	for known, owner := range c.builtins.owners {
		if ok && owner != module && strings.HasPrefix(key, known) {
			if v, ok := c.builtins.find(before + modulePrefix + owner + registryInfix + key); ok {
				return v, true
			}
		}
	}
	return nil, false
}
