package luabind

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/iolib"
	"luaspawn/luabind/internal/vm"
)

// Error is an error of a script that nothing in it caught, or of its source.
type Error struct {
	Message string     // with file:line: before it, where there is one
	File    string     // where it was raised, or is wrong: the name of a chunk; empty: no Lua code did it
	Line    int        // in File, from 1; 0: there is no File
	Value   lua.LValue // what was raised; nil: the script didn't run
	Stack   string     // "stack traceback:" and a line for each call, those of Go that panicked first; empty: the script didn't run
	Err     error      // the Go error behind it, or the panic, which wraps an error that it was raised with; nil: there is none
}

func (e *Error) Error() string { return e.Message }
func (e *Error) Unwrap() error { return e.Err }

// Traceback returns the message and, where the script ran, the calls that led
// to it, without a newline at the end.
func (e *Error) Traceback() string {
	if e.Stack == "" {
		return e.Message
	}
	return e.Message + "\n" + e.Stack
}

// located sets File and Line by the message, or else by the innermost call of a
// Lua function.
func (e *Error) located() *Error {
	for line := range strings.SplitSeq(e.Traceback(), "\n") {
		m := place().FindStringSubmatch(strings.TrimPrefix(line, "\t"))
		if n, err := strconv.Atoi(m[2]); err == nil {
			e.File, e.Line = m[1], n
			break
		}
	}
	return e
}

// place matches any line; of one that begins with "file:line:" it takes these.
var place = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:(.+?):(\d+):)?`) })

// ExitError says that the script called os.exit.
type ExitError struct {
	Code int // 0 to 255
}

func (e *ExitError) Error() string { return fmt.Sprintf("exit status %d", e.Code) }

// A ConfigError says which field of a Config New can't work with.
type ConfigError struct {
	Field string // "Stdout", "Modules[1]"
	What  string // what is wrong with it
}

func (e *ConfigError) Error() string { return "luabind: Config." + e.Field + " " + e.What }

// newError makes an Error of what a protected call returned.
func newError(L *lua.LState, err error) *Error {
	var api *lua.ApiError
	if !errors.As(err, &api) {
		return &Error{Message: err.Error(), Err: err}
	}
	glua.Turn(api.Object)
	e := &Error{
		Message: messageOf(L, api.Object),
		Value:   api.Object,
		Stack:   strings.TrimSpace(api.StackTrace),
		Err:     api.Cause,
	}
	if ud, ok := api.Object.(*lua.LUserData); ok {
		if err, ok := ud.Value.(error); ok {
			e.Err = err
		}
	}
	return e.located()
}

// messageOf words a value that was raised. A table may have a __tostring of its
// own, which may raise in turn.
func messageOf(L *lua.LState, v lua.LValue) string {
	if lua.LVCanConvToString(v) {
		return v.String()
	}
	if f := glua.Metamethod(L, v, "__tostring"); f != lua.LNil {
		L.Push(f)
		L.Push(v)
		if err := vm.Call(L, 1, 1); err == nil {
			s := L.Get(-1)
			L.Pop(1)
			if lua.LVCanConvToString(s) {
				return s.String()
			}
		}
	}
	return fmt.Sprintf("(error object is a %s value)", v.Type())
}

// errnoText words an error of the file system as C's strerror does.
func errnoText(err error) string {
	text, _ := iolib.Strerror(err)
	return text
}
