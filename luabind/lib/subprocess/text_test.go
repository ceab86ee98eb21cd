package subprocess_test

import (
	"os/exec"
	"strings"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/subprocess"
)

// In text mode the lines of programs end in "\r\n", unless text = false says that they don't.
func TestTextMode(t *testing.T) {
	if _, err := exec.LookPath("cat"); err != nil {
		t.Skip("needs cat")
	}
	e, err := luabind.New(luabind.Config{Shell: true, TextMode: true, Modules: []luabind.Module{subprocess.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	err = e.Run(t.Context(), "=script", strings.NewReader(`
		local subprocess = require "subprocess"
		local function cat(text)
			local p = subprocess.popen{"cat", stdin = "pipe", stdout = "pipe", text = text}
			p.stdin:write("a\n\r\n")
			p.stdin:close()
			local all = p.stdout:read("*a")
			p:wait()
			return all
		end
		assert(cat() == "a\n\r\n")
		assert(cat(true) == "a\n\r\n")
		assert(cat(false) == "a\n\r\n")
		local function run(line, text) return subprocess.run{line, shell = true, input = "a\n", text = text}.stdout end
		assert(run("cat") == "a\n")
		assert(run("od -An -c"):gsub("%s+", " ") == " a \\r \\n ")
		assert(run("od -An -c", false):gsub("%s+", " ") == " a \\n ")
		assert(run("printf 'a\\r\\nb\\032\\r\\n'") == "a\nb\26\n")
		assert(run("printf 'a\\r\\nb\\032\\r\\n'", false) == "a\r\nb\26\r\n")`))
	if err != nil {
		t.Error(err)
	}
}
