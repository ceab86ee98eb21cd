//go:build linux

package scripts

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Libraries and tools of others run as they do on lua5.1 with their parts in C: what they print is the
// same, and their status.
func TestLibraries(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many programs: go test without -short runs it, as .ci/run does")
	}
	command := build(t)
	here, err := filepath.Abs("testdata/libraries")
	if err != nil {
		t.Fatal(err)
	}
	times := regexp.MustCompile(`[0-9.]+ (ms|seconds)`)
	for _, test := range []struct {
		name, needs, from string // a module, and the package of Debian that has it
		args              []string
	}{
		{"penlight", "pl.dir", "lua-penlight", []string{here + "/penlight.lua"}},
		{"argparse", "argparse", "lua-argparse", []string{here + "/count.lua"}},
		{"luacheck", "luacheck.main", "lua-check", []string{"/usr/bin/luacheck", "--no-color", "--no-cache", here}},
		{"busted", "busted.runner", "lua-busted", []string{"/usr/bin/busted", "--output=gtest", "--pattern=spec", here}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if out, err := exec.Command("lua5.1", "-e", "require('lfs') require('"+test.needs+"')").CombinedOutput(); err != nil && !bytes.Contains(out, []byte("usage")) {
				t.Skipf("needs lua5.1, lua-filesystem, %s: %v %s", test.from, err, out)
			}
			run := func(program string) string {
				c := exec.Command(program, test.args...)
				c.Dir = t.TempDir()
				var out bytes.Buffer
				c.Stdout, c.Stderr = &out, &out
				c.Run()
				text := strings.ReplaceAll(out.String(), c.Dir, "DIR")
				return times.ReplaceAllString(text, "N $1") + c.ProcessState.String()
			}
			got, want := run(command), run("lua5.1")
			if got != want {
				t.Errorf("got\n%s\nas lua5.1\n%s", got, want)
			}
			if len(want) < 100 || strings.Contains(want, "stack traceback") {
				t.Errorf("on lua5.1 it doesn't work:\n%s", want)
			}
		})
	}
}

// The whole of Penlight's own tests and examples, where PENLIGHT names a clone of its repository: the
// status of each is that on lua5.1.
func TestPenlight(t *testing.T) {
	clone := os.Getenv("PENLIGHT")
	if clone == "" {
		t.Skip("needs PENLIGHT, the directory of a clone of Penlight")
	}
	command := build(t)
	for _, pattern := range []string{"tests/*.lua", "examples/*.lua", "spec"} {
		files, err := filepath.Glob(filepath.Join(clone, pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, files, err)
		}
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				run := func(program string) (string, string) {
					args := []string{file}
					if pattern == "spec" {
						args = []string{"/usr/bin/busted", "--output=TAP"}
					}
					c := exec.Command(program, args...)
					c.Dir = clone
					c.Env = append(os.Environ(), "LUA_PATH=./lua/?.lua;./lua/?/init.lua;;")
					out, _ := c.CombinedOutput()
					return c.ProcessState.String(), string(out)
				}
				got, out := run(command)
				want, outWanted := run("lua5.1")
				if got != want {
					t.Errorf("got %s, as lua5.1 %s\n%s\nas lua5.1\n%s", got, want, out, outWanted)
				}
			})
		}
	}
}
