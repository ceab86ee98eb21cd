package system_test

import (
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/system"
)

// Both modules work in an engine that has nothing: there is no terminal, but the time.
func TestZeroConfig(t *testing.T) {
	e, err := luabind.New(luabind.Config{Modules: []luabind.Module{system.Core, system.Term}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, test := range []struct{ expression, want string }{
		{`require("term.core").isatty(io.stdout)`, "false"},
		{`require("term.core").isatty(io.stdin)`, "false"},
		{`select(2, pcall(require("term.core").isatty, 1))`, "bad argument #1 to '?' (FILE* expected, got number)"},
		{`require("system.core").gettime() > 1.7e9`, "true"},
		{`(function() local s = require "system.core" local t = s.monotime() s.sleep(0.01) return s.monotime() - t >= 0.01 end)()`, "true"},
		{`select("#", require("system.core").sleep(-1))`, "0"},
		{`require("system.core")._VERSION`, "LuaSystem 0.2.1"},
	} {
		var got string
		if err := e.EvalInto(t.Context(), "tostring("+test.expression+")", &got); err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.expression, got, err, test.want)
		}
	}
}
