package multiprocessing

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/scarce"
	"luaspawn/luabind/internal/vm"
	"luaspawn/luabind/lib/multiprocessing/internal/board"
	luatime "luaspawn/luabind/lib/time"
	"luaspawn/proc"
	"luaspawn/proc/ipc"
	"luaspawn/proc/pool"
)

// pools are the Pools of an engine.
type pools struct {
	made      int
	list      []*workers
	callbacks callbacks
	loops     []loop // not all are over
	require   lua.LValue
	pcall     lua.LValue
}

// workers is the part of a Pool that lives on when no script refers to the Pool any more.
type workers struct {
	*pool.Pool
	lib       *library
	name      string
	processes int
	serial    int
	snapshot  *luabind.Snapshot // of each worker
	setup     *luabind.Snapshot // its initializer; nil: none
	lazy      map[*lazyCall]bool
	far       *farPool // its workers are on other machines; nil: here
}

// luaPool is the Pool of a script.
type luaPool struct{ *workers }

func (*luaPool) typeName() string { return "Pool" }

// Pack refuses: the workers are children of this process.
func (p *luaPool) Pack() (luabind.Parcel, error) {
	return luabind.Parcel{}, &luabind.Refusal{Why: "a Pool stays in the process that made it", Instead: "make one there"}
}

// openPools adds Pool and its kin to the module. It returns a function that adds the types.
func (lib *library) openPools(L *lua.LState, module *lua.LTable) func(*sharing) {
	lib.pools.require = vm.Field(L, L.G.Global, "require")
	lib.pools.pcall = vm.Field(L, L.G.Global, "pcall")
	return func(s *sharing) {
		lib.sharing = s
		lib.engine.Attend(luabind.NewsSource{
			Run:     lib.callBack,
			Awaited: func() bool { return len(lib.pools.callbacks.of) > 0 },
			Sends:   true,
		})
		meta := s.newType(L, "Pool", functions{
			"apply":          lib.apply,
			"apply_async":    lib.applyAsync,
			"submit":         lib.submit,
			"map":            func(L *lua.LState) int { return lib.mapMethod(L, "map", false) },
			"starmap":        func(L *lua.LState) int { return lib.mapMethod(L, "starmap", true) },
			"map_async":      func(L *lua.LState) int { return lib.mapAsync(L, "map_async", false) },
			"starmap_async":  func(L *lua.LState) int { return lib.mapAsync(L, "starmap_async", true) },
			"imap":           func(L *lua.LState) int { return lib.imap(L, "imap", true) },
			"imap_unordered": func(L *lua.LState) int { return lib.imap(L, "imap_unordered", false) },
			"close":          lib.closePool,
			"terminate":      lib.terminatePool,
			"join":           lib.joinPool,
			"hold":           lib.holdPool,
			"workers":        lib.listWorkers,
		})
		methods := glua.Named(meta, "__index").(*lua.LTable)
		index := func(L *lua.LState) int {
			p := check[*luaPool](L, 1, "Pool")
			switch L.Get(2) {
			case lua.LString("name"):
				L.Push(lua.LString(p.name))
			case lua.LString("processes"):
				L.Push(lua.LNumber(p.size()))
			default:
				L.Push(glua.Get(methods, L.Get(2)))
			}
			return 1
		}
		glua.SetNamed(meta, "__index", L.NewClosure(index, methods)) // help and completion find them there
		glua.SetNamed(meta, "__tostring", L.NewFunction(func(L *lua.LState) int {
			p := check[*luaPool](L, 1, "Pool")
			L.Push(lua.LString(fmt.Sprintf("<Pool name='%s' processes=%d>", p.name, p.size())))
			return 1
		}))
		lib.openFutures(L, s)
		glua.SetNamed(module, "Pool", L.NewFunction(lib.newPool))
		glua.SetNamed(module, "as_completed", L.NewFunction(lib.asCompleted))
	}
}

// newPool is Pool([n]) or Pool{...}.
func (lib *library) newPool(L *lua.LState) int {
	if lib.current.daemon {
		L.RaiseError("daemonic processes are not allowed to have children")
	}
	w := &workers{lib: lib, serial: lib.pools.made + 1, processes: cpuCount(), lazy: map[*lazyCall]bool{}}
	self := lib.newState(w.serial) // of whom each worker is a copy
	w.name = "Pool-" + self.identity
	var cfg pool.Config
	var initializer lua.LValue = lua.LNil
	var initargs lua.LValue = lua.LNil
	where, given := lib.newFarConfig(), false
	count := func(v lua.LValue, name string, least int) int {
		n, ok := v.(lua.LNumber)
		switch {
		case !ok || n != lua.LNumber(int(n)):
			L.RaiseError("%s must be a whole number", name)
		case name == "processes" && n < 1:
			lib.sharing.raise(L, "ValueError", "Number of processes must be at least 1")
		case int(n) < least:
			lib.sharing.raise(L, "ValueError", fmt.Sprintf("%s must be at least %d", name, least))
		}
		return int(n)
	}
	const takes = "Pool() takes the number of processes, or keyword arguments in a table: Pool{processes = 4}"
	if L.Get(2) != lua.LNil {
		L.RaiseError(takes)
	}
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
	case lua.LNumber:
		w.processes, given = count(v, "processes", 1), true
	case *lua.LTable:
		for k, v := glua.Next(v, lua.LNil); k != lua.LNil; k, v = glua.Next(L.Get(1).(*lua.LTable), k) {
			switch k.String() {
			case "processes":
				w.processes, given = count(v, "processes", 1), true
			case "initializer":
				if !arg.IsCallable(L, v) {
					L.RaiseError("initializer must be a callable")
				}
				initializer = v
			case "initargs":
				if v.Type() != lua.LTTable {
					L.RaiseError("initargs must be a table")
				}
				countArgs(L, v.(*lua.LTable))
				initargs = v
			case "maxtasksperchild":
				cfg.MaxTasks = count(v, "maxtasksperchild", 1)
			case "timeout":
				cfg.Timeout = seconds(L, v, "timeout")
			case "retries":
				cfg.Retries = count(v, "retries", 0)
			case "name":
				name, ok := v.(lua.LString)
				if !ok {
					L.RaiseError("name must be a string")
				}
				w.name = string(name)
			default:
				if where.take(L, k.String(), v) {
					continue
				}
				L.RaiseError("Pool() got an unexpected keyword argument '%s'", k.String())
			}
		}
	default:
		L.RaiseError(takes)
	}
	if where.is() && !given {
		w.processes = 0
	}
	cfg.Name, cfg.Workers = w.name, w.processes
	self.name = w.name
	lib.startPool(L, w, self, cfg, initializer, initargs, where)
	p := &luaPool{w}
	runtime.AddCleanup(p, func(w *workers) { // nobody can use it any more
		closed := scarce.Closing()
		w.Terminate()
		go func() {
			<-w.Done()
			closed()
		}()
	}, w)
	lib.sharing.push(L, p)
	return 1
}

// seconds reads a number of seconds, which must be more than 0.
func seconds(L *lua.LState, v lua.LValue, name string) time.Duration {
	n, ok := v.(lua.LNumber)
	if !ok || !(n > 0) {
		L.RaiseError("%s must be a number of seconds above 0", name)
	}
	return max(1, luatime.Duration(float64(n)))
}

// startPool starts the workers.
func (lib *library) startPool(L *lua.LState, w *workers, self *processState, cfg pool.Config, initializer, initargs lua.LValue, where *farConfig) {
	cannot := func(err error) {
		switch {
		case errors.Is(err, proc.ErrNoInit):
			L.RaiseError("cannot start pool '%s': the program has not called multiprocessing.Init(cfg), which comes first in its main", w.name)
		case err != nil:
			w.free()
			L.RaiseError("cannot start pool '%s': %s", w.name, err.Error())
		}
	}
	proc.Wake()
	cannot(lib.packRights())
	var err error
	if initializer != lua.LNil {
		w.setup, err = lib.engine.Pack("pool '"+w.name+"'", luabind.Root{Name: "initializer", Value: initializer}, luabind.Root{Name: "initargs", Value: initargs})
		if err != nil {
			L.RaiseError("%s", err.Error())
		}
		cfg.Setup = &pool.Blob{Data: w.setup.Data, Files: w.setup.Files}
	}
	self.attach(newInstance(lib.class))
	w.snapshot, err = self.pack()
	cannot(err)
	lib.engine.ShareOutput()
	tried := false
	w.Pool, err = scarce.Retry(L, func() (*pool.Pool, error) {
		if tried {
			lib.awaitTerminated()
		}
		tried = true
		transport, err := lib.transport(w, where)
		if err != nil {
			return nil, err
		}
		return pool.New(lib.engine.Context(), cfg, transport)
	})
	cannot(err)
	if w.far != nil {
		w.far.attend(w)
	}
	lib.watch()
	lib.pools.made++
	lib.pools.list = append(slices.DeleteFunc(lib.pools.list, (*workers).ended), w)
	go func() {
		<-w.Done()
		w.free()
	}()
}

// transport returns the transport to the workers.
func (lib *library) transport(w *workers, where *farConfig) (pool.Transport, error) {
	if where.is() {
		return lib.newFar(w, where)
	}
	stdout, stderr, head, own, standing := lib.engine.Stdout(), lib.engine.Stderr(), lib.head(), lib.jobs.separate, definitions()
	only := lib.pools.made == 0 // who makes a second pool may make many
	return pool.NewProcesses(func(ctx context.Context, spec pool.WorkerSpec, files []*os.File) (*proc.Process, error) {
		starting.RLock()
		defer starting.RUnlock()
		slot := lib.enter(spec.Name, board.Worker|board.Daemon)
		p, err := proc.Start(ctx, &proc.Command{
			Head:     appendWorker(binary.AppendUvarint(bytes.Clone(head), uint64(slot)), spec.Name, false),
			Payload:  w.snapshot.Data,
			Room:     w.snapshot.Room,
			Files:    withRecording(append(append([]*os.File(nil), w.snapshot.Files...), files...)),
			Daemon:   true,
			Standing: standing,
			Lasting:  spec.First && only,
			OwnGroup: own,
			Stdout:   stdout,
			Stderr:   stderr,
		})
		if err != nil {
			theBoard().Leave(slot)
			return nil, err
		}
		theBoard().Started(slot, p.Pid())
		lib.seen.started(spec.Name, p)
		go func() {
			<-p.Done()
			theBoard().Leave(slot)
		}()
		return p, nil
	})
}

// free closes the files that were kept for further workers.
func (w *workers) free() {
	if w.snapshot != nil {
		w.snapshot.Close()
	}
	if w.setup != nil {
		w.setup.Close()
	}
}

func (w *workers) ended() bool { return isClosed(w.Done()) }

// awaitTerminated waits until the pools that were terminated, as those are that no script refers to any more, have given
// back their descriptors.
func (lib *library) awaitTerminated() {
	for _, w := range lib.pools.list {
		if w.State() == pool.Terminated {
			select {
			case <-w.Done():
			case <-time.After(cancelGrace):
			}
		}
	}
}

// closePools ends all pools, at the end of the script.
func (lib *library) closePools() {
	lib.terminatePools(0)
	for _, w := range lib.pools.list {
		<-w.Done()
	}
	lib.pools.list = nil
}

// endPools ends the pools that were made after the one with the serial number after, and waits until they have ended.
func (lib *library) endPools(after int) {
	lib.terminatePools(after)
	for _, w := range lib.pools.list {
		if w.serial > after {
			select {
			case <-w.Done():
			case <-time.After(cancelGrace):
				w.Kill()
				<-w.Done()
			}
		}
	}
}

// terminatePools terminates the pools that were made after the one with the serial number after.
func (lib *library) terminatePools(after int) {
	for _, w := range lib.pools.list {
		if w.serial > after {
			w.Terminate()
		}
	}
}

func checkPool(L *lua.LState) *luaPool { return check[*luaPool](L, 1, "Pool") }

// closePool is pool:close().
func (lib *library) closePool(L *lua.LState) int {
	checkPool(L).Close()
	return 0
}

// terminatePool is pool:terminate().
func (lib *library) terminatePool(L *lua.LState) int {
	checkPool(L).Terminate()
	return 0
}

// joinPool is pool:join().
func (lib *library) joinPool(L *lua.LState) int {
	lib.join1(L, checkPool(L))
	return 0
}

func (lib *library) join1(L *lua.LState, p *luaPool) {
	if p.State() == pool.Running {
		lib.sharing.raise(L, "ValueError", "Pool is still running")
	}
	for c := range p.lazy {
		c.finish(L)
	}
	lib.await(L, p.workers.subject(), awaited{done: p.Done(), timeout: ipc.Forever})
	runtime.KeepAlive(p)
}

// holdPool is pool:hold(f, ...).
func (lib *library) holdPool(L *lua.LState) int {
	p := checkPool(L)
	arg.Callable(L, L.Get(2))
	top := L.GetTop()
	fine := false
	defer func() {
		if !fine {
			p.Terminate()
		}
	}()
	L.Push(L.Get(2))
	L.Push(L.Get(1))
	for i := 3; i <= top; i++ {
		L.Push(L.Get(i))
	}
	glua.Call(L, top-1, lua.MultRet)
	fine = true
	p.Close()
	lib.join1(L, p)
	return L.GetTop() - top
}

// listWorkers is pool:workers().
func (lib *library) listWorkers(L *lua.LState) int {
	list := glua.NewTable(0, 0)
	for _, w := range checkPool(L).Workers() {
		t := glua.NewTable(0, 4)
		glua.SetNamed(t, "name", lua.LString(w.Name))
		if w.Pid != 0 {
			glua.SetNamed(t, "pid", lua.LNumber(w.Pid))
		}
		if w.Host != "" {
			glua.SetNamed(t, "host", lua.LString(w.Host))
		}
		glua.SetNamed(t, "tasks", lua.LNumber(w.Tasks))
		if w.Busy {
			r := glua.NewTable(0, 2)
			glua.SetNamed(r, "index", lua.LNumber(w.Index+1))
			glua.SetNamed(r, "seconds", lua.LNumber(w.For.Seconds()))
			glua.SetNamed(t, "running", r)
		}
		glua.Append(list, t)
	}
	L.Push(list)
	return 1
}
