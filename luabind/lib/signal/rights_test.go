package signal_test

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/signal"
)

// Without Config.Signals every function of the module is an error, whatever else a script may do.
func TestWithoutTheRight(t *testing.T) {
	e, err := luabind.New(luabind.Config{Shell: true, Modules: []luabind.Module{signal.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	calls := map[string]string{
		"signal":    `signal("TERM", print)`,
		"getsignal": `getsignal("TERM")`,
		"raise":     `raise("KILL")`,
		"alarm":     `alarm(1)`,
		"pause":     `pause()`,
	}
	free := map[string]bool{"default_int_handler": true} // they reach nothing
	if err := e.Run(t.Context(), "=script", strings.NewReader(`require "signal"`)); err != nil {
		t.Fatal(err)
	}
	e.State().GetGlobal("package").(*lua.LTable).RawGetString("loaded").(*lua.LTable).RawGetString("signal").(*lua.LTable).ForEach(func(k, v lua.LValue) {
		name := k.String()
		if v.Type() != lua.LTFunction || free[name] {
			return
		}
		if calls[name] == "" {
			t.Errorf("%s isn't tried here", name)
			return
		}
		err := e.Run(t.Context(), "=script", strings.NewReader("require('signal')."+calls[name]))
		if err == nil || err.Error() != "script:1: '"+name+"' not supported" {
			t.Errorf("%s: got %v", name, err)
		}
		delete(calls, name)
	})
	for name := range calls {
		t.Errorf("there is no %s", name)
	}
}
