package luabind

import (
	"errors"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
)

// Modules of the Config that New doesn't open: with OnDemand, or written in Lua.

// onDemand returns the module of that name, unless New has opened it.
func (e *Engine) onDemand(name string) (Module, bool) {
	for _, list := range [][]Module{e.config.Modules, e.offered} {
		i := slices.IndexFunc(list, func(m Module) bool {
			return m.Name == name && (m.OnDemand || m.Source != "")
		})
		if i >= 0 {
			return list[i], true
		}
	}
	return Module{}, false
}

// Offer adds a module that is OnDemand to those of the Config. It is for a module's Open, which leaves to Demand
// what is seldom used of it: the functions and metatables of such a part cost nothing before.
func (h *Host) Offer(m Module) { h.offered = append(h.offered, m) }

// Demand opens a module that is OnDemand, once, and returns what require does.
func (h *Host) Demand(name string) (lua.LValue, error) {
	m, ok := h.onDemand(name)
	if !ok || m.Source != "" {
		return nil, errNotOnDemand
	}
	return h.demand(m)
}

// OnDemand returns the names of the modules that require finds without a file, also if
// they aren't open yet.
func (h *Host) OnDemand() []string {
	var names []string
	for _, m := range h.config.Modules {
		if _, ok := h.onDemand(m.Name); ok {
			names = append(names, m.Name)
		}
	}
	return names
}

// loadOnDemand returns a loader for require; nil: the Config has no such module.
func (e *Engine) loadOnDemand(L *lua.LState, name string) *lua.LFunction {
	m, ok := e.onDemand(name)
	switch {
	case !ok:
		return nil
	case m.Source != "":
		f, err := e.chunk(L, "="+m.Name, m.Source)
		if err != nil {
			notLoaded(L, name, m.Name, err.Error())
		}
		return f
	}
	return L.NewFunction(func(L *lua.LState) int {
		v, err := e.demand(m)
		if err != nil {
			glua.SetNamed(e.loaded(), name, lua.LNil) // it may be tried again
			arg.Raise(L, "error loading module '%s':\n\t%s", name, err)
		}
		L.Push(v)
		return 1
	})
}

// demand opens m, once.
func (e *Engine) demand(m Module) (lua.LValue, error) {
	if v, ok := e.demanded[m.Name]; ok {
		return v, nil
	}
	v, err := m.open(e.asHost)
	if err != nil {
		return nil, err
	}
	if e.demanded == nil {
		e.demanded = map[string]lua.LValue{}
	}
	e.demanded[m.Name] = v
	e.codec.Admit(m.Name, v)
	return v, nil
}

var errNotOnDemand = errors.New("no such module")

// openOnDemand opens a module because something of it has arrived.
func (e *Engine) openOnDemand(name string) error {
	m, ok := e.onDemand(name)
	if !ok || m.Source != "" {
		return errNotOnDemand
	}
	v, err := e.demand(m)
	if err == nil && glua.Named(e.loaded(), name) == lua.LNil {
		glua.SetNamed(e.loaded(), name, v)
	}
	return err
}
