package atexit_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/atexit"
)

// The functions run when the engine is closed, with all that the script has, and reach
// nothing that it doesn't: the module needs no right.
func TestClose(t *testing.T) {
	var out, complaints bytes.Buffer
	e, err := luabind.New(luabind.Config{Stdout: &out, Stderr: &complaints, Modules: []luabind.Module{atexit.Module}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Run(context.Background(), "=script", strings.NewReader(`
		local atexit = require "atexit"
		local n = 1
		atexit(function(...) print("first", n, ...) os.exit(3) end, "a", nil)
		atexit.register(function() n = n + 1 error("oops") end)
		atexit(print)
		atexit.unregister(print)
		print(pcall(atexit, nil))
		error("the end")`)); err == nil {
		t.Error("no error")
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil { // and runs nothing again
		t.Error(err)
	}
	want := "false\tattempt to call a nil value\nfirst\t2\ta\tnil\n"
	if out.String() != want || !strings.HasPrefix(complaints.String(), "atexit: script:5: oops\n") || strings.Count(complaints.String(), "atexit:") != 1 {
		t.Errorf("got %q, complained %q", &out, &complaints)
	}
}
