package subprocess

import (
	"os"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/iolib"
	"luaspawn/luabind/internal/scarce"
	luatime "luaspawn/luabind/lib/time"
)

// Where a stream of a program leads, if not to where this program's does.
const (
	toPipe    = "pipe"
	toStdout  = "stdout" // for stderr
	toNull    = "null"
	inherited = "inherit"
)

// options are what run and popen are called with.
type options struct {
	program luabind.Program
	args    *lua.LTable   // as the script gave them
	check   bool          // run: another status than 0 is an error
	timeout time.Duration // run; negative: none
	input   *string       // run; nil: none
	binary  bool          // its streams aren't in text mode, whatever Config.TextMode says

	// Our ends of pipes; nil: it isn't one.
	stdin, stdout, stderr *os.File

	theirs []*os.File // that the program gets
}

// name returns the name of the program, for errors.
func (o *options) name() string {
	name := o.program.Line
	if len(o.program.Args) > 0 {
		name = o.program.Args[0]
	}
	return "'" + name + "'"
}

// read reads argument 1 of run or popen.
func (lib *library) read(L *lua.LState, what string) *options {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		arg.Raise(L, `%s() takes its arguments in a table: subprocess.%s{"ls", "-l"}`, what, what)
	}
	if L.Get(2) != lua.LNil {
		arg.Raise(L, `%s() takes its options in the same table: subprocess.%s{"ls", cwd = "/"}`, what, what)
	}
	o := &options{args: t, timeout: -1}
	var words []string
	for i := 1; ; i++ {
		v := glua.Item(t, i)
		if v == lua.LNil {
			break
		}
		if !lua.LVCanConvToString(v) {
			arg.Raise(L, "%s() argument %d must be a string, not a %s", what, i, v.Type())
		}
		if words = append(words, v.String()); strings.Contains(words[i-1], "\x00") {
			arg.Raise(L, "%s() argument %d has a zero byte in it", what, i)
		}
	}
	if len(words) == 0 {
		arg.Raise(L, "%s() has no program to run", what)
	}
	string1 := func(key string, v lua.LValue) string {
		if v.Type() != lua.LTString {
			arg.Raise(L, "%s must be a string", key)
		}
		return string(v.(lua.LString))
	}
	streams := map[string]lua.LValue{}
	shell := false
	for k, v := glua.Next(t, lua.LNil); k != lua.LNil; k, v = glua.Next(t, k) {
		key, isString := k.(lua.LString)
		if !isString {
			if n, ok := k.(lua.LNumber); ok && n >= 1 && int(n) <= len(words) {
				continue
			}
			arg.Raise(L, "%s() got an unexpected argument %s", what, k.String())
		}
		switch run := what == "run"; {
		case key == "shell":
			shell = lua.LVAsBool(v)
		case key == "text":
			o.binary = !lua.LVAsBool(v)
		case key == "cwd":
			o.program.Dir = string1("cwd", v)
		case key == "env":
			o.program.Env = environ(L, v)
		case key == "stdin", key == "stdout", key == "stderr":
			streams[string(key)] = v
		case run && key == "check":
			o.check = lua.LVAsBool(v)
		case run && key == "timeout":
			o.timeout = seconds(L, v)
		case run && key == "input":
			input := string1("input", v)
			o.input = &input
		default:
			arg.Raise(L, "%s() got an unexpected keyword argument '%s'", what, string(key))
		}
	}
	if shell {
		if len(words) > 1 {
			arg.Raise(L, "%s() with shell = true takes one line", what)
		}
		o.program.Line = words[0]
	} else {
		o.program.Args = words
	}
	if what == "run" {
		if _, given := streams["stdin"]; o.input != nil {
			if given {
				arg.Raise(L, "stdin and input are not both possible")
			}
			streams["stdin"] = lua.LString(toPipe)
		} else if streams["stdin"] == lua.LString(toPipe) {
			arg.Raise(L, "run() takes its input from 'input'; a pipe is for popen()")
		}
		for _, key := range []string{"stdout", "stderr"} {
			if streams[key] == nil {
				streams[key] = lua.LString(toPipe)
			}
		}
	}
	lib.connect(L, o, streams)
	return o
}

// connect opens what the streams lead to.
func (lib *library) connect(L *lua.LState, o *options, streams map[string]lua.LValue) {
	fail := func(format string, args ...any) {
		o.closeTheirs()
		o.closeOurs()
		arg.Raise(L, format, args...)
	}
	for _, s := range []struct {
		name   string
		theirs **os.File
		ours   **os.File
	}{
		{"stdin", &o.program.Stdin, &o.stdin},
		{"stdout", &o.program.Stdout, &o.stdout},
		{"stderr", &o.program.Stderr, &o.stderr},
	} {
		switch v := streams[s.name]; {
		case v == nil, v == lua.LString(inherited):
		case v == lua.LString(toStdout) && s.name == "stderr":
			o.program.Joined = true
		case v == lua.LString(toPipe):
			ends, err := scarce.Retry(L, func() (ends [2]*os.File, err error) {
				ends[0], ends[1], err = os.Pipe()
				return ends, err
			})
			if err != nil {
				fail("cannot make a pipe: %s", reason(err))
			}
			if s.name == "stdin" {
				*s.theirs, *s.ours = ends[0], ends[1]
			} else {
				*s.theirs, *s.ours = ends[1], ends[0]
			}
			o.theirs = append(o.theirs, *s.theirs)
		case v == lua.LString(toNull):
			f, err := scarce.Retry(L, func() (*os.File, error) { return os.OpenFile(os.DevNull, os.O_RDWR, 0) })
			if err != nil {
				fail("cannot open %s: %s", os.DevNull, reason(err))
			}
			*s.theirs = f
			o.theirs = append(o.theirs, f)
		default:
			f, err := lib.host.FileOf(v)
			if err != nil {
				fail("%s must be \"pipe\", \"null\", \"inherit\" or an open file: %s", s.name, reason(err))
			}
			*s.theirs = f
		}
	}
}

// environ reads a table of variables.
func environ(L *lua.LState, v lua.LValue) []string {
	t, ok := v.(*lua.LTable)
	if !ok {
		arg.Raise(L, "env must be a table of names and values")
	}
	list := []string{}
	for k, v := glua.Next(t, lua.LNil); k != lua.LNil; k, v = glua.Next(t, k) {
		name, ok := k.(lua.LString)
		if !ok || name == "" || strings.ContainsAny(string(name), "=\x00") || !lua.LVCanConvToString(v) || strings.Contains(v.String(), "\x00") {
			arg.Raise(L, "env must be a table of names and values")
		}
		list = append(list, string(name)+"="+v.String())
	}
	slices.Sort(list)
	return list
}

// seconds reads a timeout.
func seconds(L *lua.LState, v lua.LValue) time.Duration {
	n, ok := v.(lua.LNumber)
	if !ok || !(n >= 0) {
		arg.Raise(L, "timeout must be a number of seconds")
	}
	return luatime.Duration(float64(n))
}

func (o *options) closeTheirs() {
	for _, f := range o.theirs {
		f.Close()
	}
	o.theirs = nil
}

func (o *options) closeOurs() {
	for _, f := range []*os.File{o.stdin, o.stdout, o.stderr} {
		if f != nil {
			f.Close()
		}
	}
}

// reason is what the system says of an error, as C words it.
func reason(err error) string {
	text, number := iolib.Strerror(err)
	if number == 0 {
		return err.Error()
	}
	return text
}
