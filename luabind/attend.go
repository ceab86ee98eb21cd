package luabind

import lua "github.com/yuin/gopher-lua"

// Attend lets run be called, in the goroutine of the script, when something comes out
// of news while the script waits: in time.sleep, and in whatever else of the engine's
// modules asks Attended. run may call Lua functions, and wait itself.
func (e *Engine) Attend(news <-chan struct{}, run func(*lua.LState)) {
	e.news, e.attend = news, run
}

// Attended returns what Attend was given; a nil channel, from which nothing comes, if
// it was not called.
func (e *Engine) Attended() (news <-chan struct{}, run func(*lua.LState)) { return e.news, e.attend }
