package scripts

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// recipeNeeds are what shows whether there is what a recipe needs beside luaspawn.
var recipeNeeds = map[string]string{
	"penlight":    `require "pl.List"`,
	"python_peer": `require("subprocess").run{"python3", "-c", ""}`,
}

// recipesOfUnix are those that don't do on Windows what they show.
var recipesOfUnix = map[string]string{
	"clean_supervisor": "it is asked to end by a SIGTERM, which no process can send there",
	"commands":         "its commands are those of a Unix shell",
	"supervisor":       "a child is killed by a Unix shell's kill",
	"tail":             "its Ctrl-C is a SIGINT from another process",
}

// TestRecipes runs every script of recipes from the repository's root. Each ends by itself and prints what
// stands beside it, in an .out file of the form of those here, and nothing on standard error.
func TestRecipes(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many programs: go test without -short runs it, as .ci/run does")
	}
	t.Parallel()
	recipes, err := filepath.Glob("recipes/*.lua")
	if err != nil || len(recipes) == 0 {
		t.Fatalf("recipes found: %v, %v", recipes, err)
	}
	command := build(t)
	for _, recipe := range recipes {
		t.Run(strings.TrimSuffix(filepath.Base(recipe), ".lua"), func(t *testing.T) {
			t.Parallel()
			name := strings.TrimSuffix(filepath.Base(recipe), ".lua")
			if why, ok := recipesOfUnix[name]; ok && runtime.GOOS == "windows" {
				t.Skip("needs Unix: " + why)
			}
			if need, ok := recipeNeeds[name]; ok {
				if got := run(command, root, "-e", need); got.status != 0 {
					t.Skipf("needs what .ci/run installs (lua-penlight, python3): %s", got.stderr)
				}
			}
			got := run(command, root, "scripts/"+filepath.ToSlash(recipe))
			if got.err != nil || got.status != 0 || got.stderr != "" {
				t.Errorf("error %v, exit status %d, on standard error:\n%s", got.err, got.status, got.stderr)
			}
			compare(t, strings.TrimSuffix(recipe, ".lua")+".out", true, got.stdout)
		})
	}
}
