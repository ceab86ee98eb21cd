package scripts

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestRecipes runs every script of recipes from the repository's root. Each ends by itself and prints what
// stands beside it.
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
			expect(command, recipe)(t)
		})
	}
}
