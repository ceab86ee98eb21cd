package subprocess_test

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/subprocess"
)

// Without Config.Shell every function of the module is an error, whatever else a script may do.
func TestWithoutTheRight(t *testing.T) {
	e, err := luabind.New(luabind.Config{Signals: true, Modules: []luabind.Module{subprocess.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	calls := map[string]string{
		"run":   `run{"true"}`,
		"popen": `popen{"true"}`,
	}
	if err := e.Run(t.Context(), "=script", strings.NewReader(`require "subprocess"`)); err != nil {
		t.Fatal(err)
	}
	e.State().GetGlobal("package").(*lua.LTable).RawGetString("loaded").(*lua.LTable).RawGetString("subprocess").(*lua.LTable).ForEach(func(k, v lua.LValue) {
		name := k.String()
		if v.Type() != lua.LTFunction {
			return
		}
		if calls[name] == "" {
			t.Errorf("%s isn't tried here", name)
			return
		}
		err := e.Run(t.Context(), "=script", strings.NewReader("require('subprocess')."+calls[name]))
		if err == nil || err.Error() != "script:1: '"+name+"' not supported" {
			t.Errorf("%s: got %v", name, err)
		}
		delete(calls, name)
	})
	for name := range calls {
		t.Errorf("there is no %s", name)
	}
}
