//go:build linux

package multiprocessing_test

import (
	"bytes"
	"regexp"
	"testing"

	"luaspawn/luabind"
)

// A panic of the program itself says in its first line that no script is to blame.
func TestFaultOfTheProgram(t *testing.T) {
	cfg := config()
	var stderr bytes.Buffer
	cfg.Stderr = &stderr
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	code, err := e.Eval(t.Context(), `(function()
		local p = Process{target = require("machine").fault}
		p:start()
		p:join()
		return p.exitcode
	end)()`)
	if err != nil || len(code) != 1 || code[0] != 2.0 {
		t.Errorf("got %v, %v, want 2", code, err)
	}
	if want := regexp.MustCompile(`^process \d+: this is a fault of the program that runs the script.*\n(?s:.*)panic: on the way out`); !want.Match(stderr.Bytes()) {
		t.Errorf("got %q", &stderr)
	}
}
