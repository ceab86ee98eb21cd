package multiprocessing

import (
	"crypto/rand"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/proc"
)

// processState is the state of one Process. The Process of the script is a table: the field stateField holds the state, in a
// userdata, and the script may add other fields.
type processState struct {
	lib       *library
	table     *lua.LTable
	name      string
	daemon    bool
	authkey   string        // see key
	keyless   bool          // it has no key yet, nobody has asked for it
	identity  string        // the number in its name: "2", "2:1"; empty in the main process
	creator   int           // pid of the process that made it; 0: it is a main process
	target    lua.LValue    // called by run
	args      *lua.LTable   // and its arguments, from 1 to n
	kwargs    lua.LValue    // a table that follows them, or nil
	current   bool          // it is the process that runs here
	process   *proc.Process // once it was started here
	serial    int           // which one of those that the library has started
	signalled bool          // the script has sent it a signal
	slot      int           // on the board; 0: none
	closed    bool
	pipes     [2]*childPipe // of its stdout and stderr; nil: they lead where the parent's do
	sentinel  int           // once a script has asked for it; 0: none has

	// In a copy that came in a message: what was known where it was sent.
	pid      int // 0: it had not been started
	exitcode lua.LValue
}

const (
	stateField = "_process"
	kind       = "process" // of the userdata, in snapshots
)

// key returns the authkey. A main process makes its key when it is asked for, since most scripts never ask, and
// the first random bytes of a program cost it a timer, and the runtime's poller with
// it.
func (o *processState) key() string {
	if o.keyless {
		b := make([]byte, 32)
		rand.Read(b) // never fails
		o.setKey(string(b))
	}
	return o.authkey
}

func (o *processState) setKey(key string) { o.authkey, o.keyless = key, false }

// title returns what ps and top show of a process: its name, and the file of its target.
func (o *processState) title(name string) string {
	if f, ok := o.target.(*lua.LFunction); ok && !f.IsG {
		if file := f.Proto.SourceName; !strings.HasPrefix(file, "=") {
			return name + " (" + path.Base(file) + ")"
		}
	}
	return name
}

func (o *processState) attach(table *lua.LTable) {
	o.table = table
	glua.SetNamed(table, stateField, &lua.LUserData{Value: o, Env: inside.State(o.lib.engine).G.Global, Metatable: lua.LNil})
}

// stateOf returns nil for a table that was not initialized.
func stateOf(table *lua.LTable) *processState {
	ud, _ := glua.Named(table, stateField).(*lua.LUserData)
	if ud == nil {
		return nil
	}
	o, _ := ud.Value.(*processState)
	return o
}

// checkObject returns the Process that is the first argument.
func checkObject(L *lua.LState) *processState {
	table := L.CheckTable(1)
	o := stateOf(table)
	if o == nil {
		if dict, ok := table.Metatable.(*lua.LTable); ok && classOf(dict) != nil {
			L.RaiseError("Process.initialize() not called")
		}
		L.ArgError(1, "Process expected, got table")
	}
	return o
}

// checkOpen does what checkObject does, and raises an error if the object is closed.
func checkOpen(L *lua.LState) *processState {
	o := checkObject(L)
	if o.closed {
		L.RaiseError("process object is closed")
	}
	return o
}

// initialize is Process.initialize(self [, keywords]).
func (lib *library) initialize(L *lua.LState) int {
	self := L.CheckTable(1)
	o := lib.newState(lib.made + 1)
	o.name = className(self) + "-" + o.identity
	const takes = "Process() takes keyword arguments only, in a table: Process{target = f}"
	if L.Get(3) != lua.LNil {
		L.RaiseError(takes)
	}
	switch keywords := L.Get(2).(type) {
	case *lua.LNilType:
	case *lua.LTable:
		o.configure(L, keywords)
	default:
		L.RaiseError(takes)
	}
	lib.made++                            // now that nothing was wrong with the keywords
	glua.SetNamed(self, "name", lua.LNil) // one that was set before
	o.attach(self)
	return 0
}

// newState returns the state of the n-th process that this one makes.
func (lib *library) newState(n int) *processState {
	o := &processState{
		lib:      lib,
		daemon:   lib.current.daemon,
		authkey:  lib.current.key(),
		identity: strconv.Itoa(n),
		creator:  os.Getpid(),
		target:   lua.LNil,
		args:     glua.NewTable(0, 0),
		kwargs:   lua.LNil,
	}
	if lib.current.identity != "" {
		o.identity = lib.current.identity + ":" + o.identity
	}
	return o
}

func (o *processState) configure(L *lua.LState, keywords *lua.LTable) {
	for k, v := glua.Next(keywords, lua.LNil); k != lua.LNil; k, v = glua.Next(keywords, k) {
		switch k.String() {
		case "group":
			L.RaiseError("group argument must be None for now")
		case "target":
			if !arg.IsCallable(L, v) {
				L.RaiseError("target must be callable")
			}
			o.target = v
		case "name":
			name, ok := v.(lua.LString)
			if !ok {
				L.RaiseError("name must be a string")
			}
			o.name = string(name)
		case "args":
			args, ok := v.(*lua.LTable)
			if !ok {
				L.RaiseError("args must be a table")
			}
			countArgs(L, args) // an error is for who has made the table, not for the child
			o.args = copyTable(args)
		case "kwargs":
			kwargs, ok := v.(*lua.LTable)
			if !ok {
				L.RaiseError("kwargs must be a table")
			}
			o.kwargs = copyTable(kwargs)
		case "daemon":
			o.daemon = lua.LVAsBool(v)
		case "stdout", "stderr":
			if v != lua.LString("pipe") {
				L.RaiseError("%s must be \"pipe\"", k.String())
			}
			o.pipes[pipeOf(k.String())] = new(childPipe)
		default:
			L.RaiseError("Process() got an unexpected keyword argument '%s'", k.String())
		}
	}
}

func copyTable(t *lua.LTable) *lua.LTable {
	c := glua.NewTable(0, 0)
	glua.InsideTable(c).SetList(1, glua.InsideTable(t).List())
	for k, v := glua.Next(t, lua.LNil); k != lua.LNil; k, v = glua.Next(t, k) {
		glua.Set(c, k, v)
	}
	return c
}

// alive says whether the child runs; only for one that was started here. One that was closed doesn't.
func (o *processState) alive() bool {
	if o.process == nil {
		return false
	}
	_, ended := o.process.ExitCode()
	return !ended
}

// isCopy reports whether it is a copy of a Process that another process made, or that was started before it was
// sent: who sends one to itself, by a queue, gets a copy too. It can be looked at only.
func (o *processState) isCopy() bool { return o.creator != os.Getpid() || o.pid != 0 }

// exitCode returns nil until the process has ended.
func (o *processState) exitCode() lua.LValue {
	switch {
	case o.process != nil:
		if code, ended := o.process.ExitCode(); ended {
			return lua.LNumber(code)
		}
	case o.exitcode != nil:
		return o.exitcode
	}
	return lua.LNil
}

// knownPid returns 0 for a process that has not been started.
func (o *processState) knownPid() int {
	switch {
	case o.current:
		return os.Getpid()
	case o.process != nil:
		o.process.Settle() // who has the number may send signals
		return o.process.Pid()
	default:
		return o.pid
	}
}

// String is tostring(p): <Process name='X' pid=1 parent=2 started>.
func (o *processState) String() string {
	status := "initial"
	code := ""
	switch {
	case o.current:
		status = "started"
	case o.closed:
		status = "closed"
	case o.isCopy():
		status = "unknown"
	case o.process != nil:
		status = "started"
		if n, ended := o.process.ExitCode(); ended {
			status = "stopped"
			code = " exitcode=" + exitName(n)
		}
	}
	class, parent := className(o.table), strconv.Itoa(o.creator)
	if o.creator == 0 {
		class, parent = "_MainProcess", "None"
	}
	pid := ""
	if n := o.knownPid(); n != 0 && !o.closed {
		pid = fmt.Sprintf(" pid=%d", n)
	}
	daemon := ""
	if o.daemon {
		daemon = " daemon"
	}
	return fmt.Sprintf("<%s name='%s'%s parent=%s %s%s%s>", class, o.name, pid, parent, status, code, daemon)
}

func exitName(code int) string {
	if name := signalName(-code); code < 0 && name != "" {
		return "-" + name
	}
	return strconv.Itoa(code)
}

// Pack lets a Process travel to a child, as a copy that the child can look at, but neither start nor
// join.
func (o *processState) Pack() (luabind.Parcel, error) {
	t := glua.NewTable(0, 12)
	glua.SetNamed(t, "target", o.target)
	glua.SetNamed(t, "kwargs", o.kwargs)
	if o.args != nil {
		glua.SetNamed(t, "args", o.args)
	}
	glua.SetNamed(t, "table", o.table)
	glua.SetNamed(t, "name", lua.LString(o.name))
	glua.SetNamed(t, "daemon", lua.LBool(o.daemon))
	glua.SetNamed(t, "authkey", lua.LString(o.key()))
	glua.SetNamed(t, "identity", lua.LString(o.identity))
	glua.SetNamed(t, "creator", lua.LNumber(o.creator))
	glua.SetNamed(t, "pid", lua.LNumber(o.knownPid()))
	glua.SetNamed(t, "exitcode", o.exitCode())
	glua.SetNamed(t, "closed", lua.LBool(o.closed))
	return luabind.Parcel{Kind: kind, Value: t}, nil
}

// unpack unpacks what Pack has packed.
func (lib *library) unpack(ud *lua.LUserData, p luabind.Parcel) error {
	t, ok := p.Value.(*lua.LTable)
	if !ok {
		return fmt.Errorf("a table is wanted, not a %s", p.Value.Type())
	}
	o := &processState{lib: lib, target: glua.Named(t, "target"), kwargs: glua.Named(t, "kwargs"), exitcode: glua.Named(t, "exitcode")}
	o.args, _ = glua.Named(t, "args").(*lua.LTable)
	o.table, ok = glua.Named(t, "table").(*lua.LTable)
	if !ok {
		return fmt.Errorf("its object is missing")
	}
	o.name = glua.Named(t, "name").String()
	o.daemon = glua.Named(t, "daemon") == lua.LTrue
	o.authkey = glua.Named(t, "authkey").String()
	o.identity = glua.Named(t, "identity").String()
	o.creator = int(lua.LVAsNumber(glua.Named(t, "creator")))
	o.pid = int(lua.LVAsNumber(glua.Named(t, "pid")))
	o.closed = glua.Named(t, "closed") == lua.LTrue
	ud.Value = o
	return nil
}
