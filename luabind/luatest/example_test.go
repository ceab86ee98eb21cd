package luatest_test

import (
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/luatest"
)

// The tests of testdata/*.lua are tests of this package.
func Example() {
	_ = func(t *testing.T) {
		luatest.Run(t, luabind.Config{Fs: afero.NewOsFs()}, "testdata/*.lua")
	}
}
