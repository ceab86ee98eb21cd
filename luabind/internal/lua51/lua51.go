// Package lua51 puts right what gopher-lua v1.1.2 does otherwise than Lua 5.1
// in the language itself:
//
//	[]ast.Stmt --Compile--> prototype   a pass over the tree before gopher-lua's
//	                                    compiler, another over the code after it
//	PCall, XPCall, Call                 protected calls that leave upvalues whole
//	Create, Resume, Wrap, Yield ...     the functions of the table coroutine
//
// Each mend names its upstream issue, where there is one, and has a test that
// shows bare gopher-lua to need it still: when that test fails, the mend can go.
//
// Package syntax makes the tree.
package lua51

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Supported returns an error that says what is different if the gopher-lua in
// this program isn't the one that this package knows.
func Supported() error {
	if lua.FieldsPerFlush != itemsPerFlush {
		return fmt.Errorf("lua51: unknown version of gopher-lua: FieldsPerFlush is %d", lua.FieldsPerFlush)
	}
	return glua.Known()
}
