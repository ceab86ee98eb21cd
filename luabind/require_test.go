package luabind_test

import (
	"path/filepath"
	"testing"

	"luaspawn/luabind"
)

// Modules see from package.config on which kind of system they are.
func TestPackageConfig(t *testing.T) {
	e, err := luabind.New(luabind.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var got string
	want := string(filepath.Separator) + "\n;\n?\n!\n-"
	if err := e.EvalInto(t.Context(), "package.config", &got); err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
