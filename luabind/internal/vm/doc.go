// Package vm runs the code that package compile has made, as Lua 5.1 does. It keeps
// gopher-lua's types, and replaces what differs from Lua 5.1 or is slow:
//
//	Adopt                               installs the loop over instructions in a state
//	PCall, XPCall, Call                 protected calls
//	Create, Resume, Wrap, Yield ...     the functions of the table coroutine
//	SetContext, Watch                   a context ends what runs
//	SetHook, Traceback                  hooks; the text of a call stack
//	Len, Less, GetTable, RawSet ...     what instructions do, for libraries
//
// Each mend names its upstream issue, where there is one, and has a test that
// shows bare gopher-lua to need it still: when that test fails, the mend can go.
package vm
