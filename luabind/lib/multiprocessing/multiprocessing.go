// Package multiprocessing is the Lua module "multiprocessing" and the global Process:
// Lua functions that run in real processes of their own.
//
// It is the one place where the engine (package luabind) and the processes
// (package proc) meet:
//
//	p:start()                              the child, same executable
//	  Engine.Pack(target, args, self)
//	  proc.Start(snapshot, files)   ---->  Init: luabind.New of a Config with the same rights
//	                                       Engine.Unpack
//	                                       self:run()
//	p:join()                        <----  exit code
//
// A program that lists Module calls Init first in its main:
//
//	func main() {
//		cfg := luabind.Config{..., Modules: []luabind.Module{multiprocessing.Module}}
//		multiprocessing.Init(cfg)
//		engine, err := luabind.New(cfg)
//
// # What a child may do
//
// A child may do what the script may do that has started it, and so may the child's children: the Config of
// the engine that the script runs in says which files, commands, environment, network, modules and depth of calls they have.
// But a file system and the functions of a module can't be sent to another process. A child takes them from the Configs that its
// own Init was given. So Init takes, after the first, all other Configs that have an Fs or modules of their own, and whose scripts start
// processes:
//
//	trusted := luabind.Config{Fs: afero.NewOsFs(), Shell: true, Modules: []luabind.Module{multiprocessing.Module}}
//	guest := luabind.Config{Fs: root, Modules: []luabind.Module{multiprocessing.Module}}
//	multiprocessing.Init(trusted, guest)
//
// If Init was not given the Fs of an engine's Config, or one of its modules, start() raises an error that says
// so. Two file systems are the same if they are equal by ==, two modules if their names and their Open functions
// are the same. An engine may always have less than a Config that Init knows: no Fs, or some of its modules.
//
// # Locks, queues, connections
//
// sharing.go, with a file for each kind of object, has the objects by which processes talk and take turns. They are made
// of package proc/ipc; Listener and Client are made of proc/mpconn.
//
// Timeouts are in seconds; nil is for ever, and with 0 or less nothing is waited for. acquire returns true or
// false, and true, "abandoned" if the holder has died. hold calls f while it holds the lock, and
// returns what f returns; the lock is released after an error too.
//
// An object keeps its identity when it travels to another process: an engine that gets it twice has one object, not
// two.
//
// Listener and Client make only sockets that the engine's Config.Network allows. In the handshake each side learns whether the
// other one is Python. Values go to Python as its pickles, see package pickle, and to all others as sharing.pack
// packs them.
//
// Errors are tables with a name and a message, see classes, except errors of wrong arguments, which are strings.
//
// stub.lua says what scripts see.
package multiprocessing

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/vm"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	luatime "luaspawn/luabind/lib/time"
	"luaspawn/proc"
	"luaspawn/proc/pool/remote"
)

// Module is what require "multiprocessing" returns. Opening it sets the global
// Process as well. It needs Init.
var Module = luabind.Module{Name: "multiprocessing", Open: open, Manual: manual}

//go:embed stub.lua
var manual string

// Init must be called first in main. In a child that a script has started it runs
// the child, and does not return. cfg is the Config that the program
// gives to luabind.New, and others are the Configs of further engines. In a child Stdout and
// Stderr are the process's own descriptors, which lead to the parent's writers.
//
// A child runs the same main, which must give Init the same Configs in the same order. The child has the environment and
// the directory that its parent has when it starts the child, but not the arguments of the command. A child ends with an
// error if it finds that Init was given other Configs.
//
// Some children are started before they are needed, so that start() needn't wait until a program is
// loaded: see [proc.KeepReady]. Such a child has made an engine of cfg and opened its modules when start() is called. It
// is used only if everything that a child inherits has stayed the same: environment, directory, limits and the rest. If it is
// to have other rights it makes another engine, which takes a fraction of a millisecond.
func Init(cfg luabind.Config, others ...luabind.Config) {
	if configs == nil { // else it isn't this call that children come to
		configs = append([]luabind.Config{cfg}, others...)
	}
	host := remote.TakeHost()
	c := new(childEngine)
	proc.Program{Main: c.main, Prepare: c.prepare}.Init()
	if host {
		os.Exit(runHost())
	}
}

// KeepReady sets how many children at most are kept ready for start(). 0 is none. A negative number is the
// default, which depends on the processors and the memory of the machine. It must be called before Init.
func KeepReady(atMost int) { proc.KeepReady(atMost) }

// Expect says that a script is about to start so many children: see [proc.Expect].
func Expect(n int) { proc.Expect(n) }

// Drain ends the children that are kept ready, and waits until they have ended. They end with this program in any case. But
// if the program calls Drain right before it exits, it leaves no orphans for another process to reap.
func Drain() { proc.Drain() }

// ReapOrphans is for a program that may be the first process of a container: see
// [proc.ReapOrphans].
func ReapOrphans() { proc.ReapOrphans() }

// child is this process as a child; nil in a main process. Init sets it before
// any engine is made.
var child *proc.Self

// starting is held while a child is started. Interrupt takes it and never gives it back.
var starting sync.RWMutex

// interrupted is closed when Interrupt is called.
var interrupted = make(chan struct{})

// stopScripts calls onInterrupt, but only once.
var stopScripts = sync.OnceFunc(onInterrupt)

func onInterrupt() {
	close(interrupted)
	starting.Lock()
}

// Interrupt sends SIGINT to all children of this program and waits until they
// have ended, or ctx has. It is for a program that is about to exit: from then on a script that
// joins or starts a child stops there for ever. A second call
// sends the signal again. Any goroutine may call it.
func Interrupt(ctx context.Context) {
	stopScripts()
	children := proc.Children()
	for _, p := range children {
		p.Interrupt() // one that has ended, or can't be reached, needs none
	}
	for _, p := range children {
		if p.Join(ctx) != nil {
			return
		}
	}
}

// interruptGrace is how long a Ctrl-C that has ended a child may take to reach this
// process.
const interruptGrace = 200 * time.Millisecond

// awaitInterrupt is called when the process of o has ended. If a SIGINT, SIGTERM or SIGHUP ended it that this process has not sent, this process
// most likely gets the signal too, as a terminal sends it to both. Then the script must not go on in the moment
// before Interrupt or End is called, nor after that.
func (o *processState) awaitInterrupt(process *proc.Process) {
	code, ended := process.ExitCode()
	o.lib.awaitInterrupt(ended && asked(code) && !o.signalled)
}

// awaitInterrupt stops the script if Interrupt or End was called. If likely is true it waits a moment for that, or for an
// error or a handler of the script.
func (lib *library) awaitInterrupt(likely bool) {
	over := make(<-chan time.Time)
	if likely {
		over = time.After(interruptGrace)
	}
	for {
		select {
		case <-interrupted:
			select {}
		default:
		}
		if !likely {
			return
		}
		select {
		case <-interrupted:
			select {}
		case <-lib.engine.News():
			if lib.engine.Running() { // else nobody is there to hear it
				lib.engine.Attended()
			}
		case <-over:
			return
		}
	}
}

// library is the module in one engine.
type library struct {
	engine   *luabind.Host
	class    *lua.LTable     // Process
	current  *processState   // the process that this is
	parent   *lua.LTable     // what parent_process returns; nil in a main process
	made     int             // objects made, for their names
	children []*processState // started here and not known to have ended
	started  int             // how many have ever been
	rights   []byte          // what children may do, as packRights has it; nil: none was started yet
	watched  context.Context // the run whose end will end its children
	jobs     jobs
	sharing  *sharing
	pools    pools
	seen     *observer // nil: nobody is told what happens
	waits    waits

	sentinels    map[int]*processState // those that a script has asked for
	lastSentinel int

	parentSentinel int // the parent's; 0: there is no parent
	parentIs       subject
}

// registryKey is where an engine keeps its library.
const registryKey = "luaspawn.process"

func open(e *luabind.Host) (lua.LValue, error) {
	timeModule, err := e.Open(luatime.Module)
	if err != nil {
		return nil, err
	}
	L := inside.State(e)
	lib := &library{engine: e, sentinels: map[int]*processState{}}
	lib.class = lib.newProcessClass(L)
	glua.SetNamed(glua.Named(lib.class, static).(*lua.LTable), "sleep", vm.Field(L, timeModule, "sleep"))
	lib.current = lib.mainProcess()

	glua.SetNamed(L.G.Registry, registryKey, &lua.LUserData{Value: lib, Metatable: lua.LNil})
	glua.SetNamed(L.G.Registry, parentKey, lib.parentMethods(L))
	e.RegisterUnpacker(kind, lib.unpack)
	e.OnClose(lib.close)
	e.OnCommand(proc.Own)
	lib.jobs.lib = lib
	e.OfferJobs(&lib.jobs)

	glua.SetNamed(L.G.Global, "Process", lib.class)
	main := "__main__"
	if child != nil {
		main = "__mp_main__"
	}
	glua.SetNamed(L.G.Global, "__name__", lua.LString(main))
	glua.SetFuncs(L, vm.Field(L, L.G.Global, "os").(*lua.LTable), map[string]lua.LGFunction{
		"getpid":  pushNumber(os.Getpid),
		"getppid": pushNumber(os.Getppid),
	})
	module := glua.NewTable(0, 48) // most of it is what sharing adds
	glua.SetNamed(module, "Process", lib.class)
	glua.SetFuncs(L, module, map[string]lua.LGFunction{
		"current_process": func(L *lua.LState) int {
			L.Push(lib.current.table)
			return 1
		},
		"parent_process": func(L *lua.LState) int {
			if lib.parent == nil {
				L.Push(lua.LNil)
			} else {
				L.Push(lib.parent)
			}
			return 1
		},
		"active_children": lib.activeChildren,
		"cpu_count":       pushNumber(cpuCount),
		"wait":            lib.wait,
	})
	lib.sharing = openSharing(e, module, func() string { return lib.current.key() }, lib.openPools(L, module)) // after OnClose: what it holds is given back before children are waited for
	lib.waits.lib = lib
	lib.sharing.waits = &lib.waits
	e.Watch(&lib.waits)
	if child == nil {
		lib.observe(trace.Event{Text: lib.current.name, Aux: trace.FlagMain})
	}
	return module, nil
}

func pushNumber(f func() int) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(lua.LNumber(f()))
		return 1
	}
}

// mainProcess makes the object of a process that no script has started. A child uses it until its own object, which has
// the key, is unpacked.
func (lib *library) mainProcess() *processState {
	o := &processState{lib: lib, name: "MainProcess", target: lua.LNil, kwargs: lua.LNil, current: true, keyless: child == nil}
	o.table = newInstance(lib.class)
	o.attach(o.table)
	return o
}

// activeChildren is active_children().
func (lib *library) activeChildren(L *lua.LState) int {
	lib.prune()
	list := glua.NewTable(len(lib.children), 0)
	for _, o := range lib.children {
		glua.Append(list, o.table)
	}
	L.Push(list)
	return 1
}

// prune forgets the children that have ended.
func (lib *library) prune() {
	alive := lib.children[:0]
	for _, o := range lib.children {
		if o.alive() {
			alive = append(alive, o)
		} else {
			o.leave()
		}
	}
	clear(lib.children[len(alive):])
	lib.children = alive
}

// watch makes sure that children that are started from now on, in the present run, end when the run's
// context ends.
func (lib *library) watch() {
	ctx := lib.engine.Context()
	if ctx == lib.watched || ctx.Done() == nil {
		return
	}
	lib.watched = ctx
	before, pools := lib.started, lib.pools.made
	lib.engine.OnCancel(func() {
		lib.watched = nil
		lib.abortLoops(ctx)
		if errors.Is(context.Cause(ctx), luabind.ErrInterrupted) {
			return // they go on, as the jobs of a shell do
		}
		lib.endPools(pools)
		lib.prune()
		var own []*processState
		for _, o := range lib.children {
			if o.serial > before {
				own = append(own, o)
			}
		}
		terminateAll(own, cancelGrace)
	})
}

// terminateAll sends SIGTERM, and SIGKILL after grace, and waits until all have ended.
func terminateAll(list []*processState, grace time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	for _, o := range list {
		o.process.Terminate()
	}
	for _, o := range list {
		if o.process.Join(ctx) != nil {
			o.process.Kill() // it is stopped, say
			<-o.process.Done()
		}
	}
}

// cancelGrace is how long the children of a run that was cancelled have from
// SIGTERM to SIGKILL.
const cancelGrace = 50 * time.Millisecond

// daemonGrace is how long a daemon has from SIGTERM to SIGKILL at the end of its
// parent.
const daemonGrace = time.Second

// close ends the children at the end of the script: daemons are terminated,
// then all others are waited for.
func (lib *library) close() {
	defer lib.leavePage()
	lib.closePools()
	lib.prune()
	var daemons []*processState
	for _, o := range lib.children {
		if o.daemon {
			daemons = append(daemons, o)
		}
	}
	terminateAll(daemons, daemonGrace)
	for len(lib.children) > 0 { // a handler may start others, and close those that have ended
		for _, o := range lib.children {
			o.letGo() // one may wait for another
		}
		o := lib.children[0]
		process := o.process
		lib.outlast(process.Done())
		o.awaitInterrupt(process)
		lib.children = slices.DeleteFunc(lib.children, func(other *processState) bool { return other == o })
	}
}

// outlast waits for done after the script has ended. Handlers of signals still run.
func (lib *library) outlast(done <-chan struct{}) {
	attend := inside.State(lib.engine).NewFunction(func(*lua.LState) int {
		lib.engine.Attended()
		return 0
	})
	for {
		select {
		case <-done:
			return
		case <-lib.engine.News():
			var failed *luabind.Error
			if _, err := inside.Do(context.Background(), lib.engine, attend, 0); errors.As(err, &failed) {
				lib.engine.WriteError(failed.Traceback() + "\n")
			}
		}
	}
}

// unpackSelf unpacks what start has packed, and makes it the current process.
func (lib *library) unpackSelf(self *proc.Self) error {
	// Everything that is unpacked stays: the garbage collector would look at it again and
	// again while it grows, and free nothing.
	if len(self.Payload) > 1<<20 {
		defer debug.SetGCPercent(debug.SetGCPercent(-1))
	}
	roots, err := lib.engine.Unpack(&luabind.Snapshot{Data: self.Payload, Files: self.Files})
	if err != nil {
		return err
	}
	self.Payload, self.Files = nil, nil
	lib.adopt(self, roots)
	return nil
}

// runSelf calls the run method of the current process, and returns the exit code.
func (lib *library) runSelf() int {
	e := lib.engine
	ctx := context.Background()
	method := inside.State(e).NewFunction(func(L *lua.LState) int {
		L.Push(vm.Field(L, L.Get(1), "run"))
		return 1
	})
	run, err := inside.Do(ctx, e, method, 1, lib.current.table)
	if err == nil {
		_, err = inside.Do(ctx, e, run[0], 0, lib.current.table)
	}
	var exit *luabind.ExitError
	var failure *luabind.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Code
	case errors.As(err, &failure):
		e.WriteError(fmt.Sprintf("Process %s:\n%s\n", lib.current.name, failure.Traceback()))
	default:
		e.WriteError(fmt.Sprintf("Process %s:\n%v\n", lib.current.name, err))
	}
	return 1
}

// adopt makes the unpacked self the current process.
func (lib *library) adopt(self *proc.Self, roots []lua.LValue) {
	table := roots[rootSelf].(*lua.LTable)
	lib.current = stateOf(table)
	lib.current.current = true
	lib.made = 0
	lib.parent = lib.newParent(roots[rootParent].(lua.LString), self.ParentPid())
}
