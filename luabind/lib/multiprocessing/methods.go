package multiprocessing

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/scarce"
	"luaspawn/luabind/lib/multiprocessing/internal/board"
	"luaspawn/proc"
)

// The roots of a child's snapshot. Self reaches all that the first three reach; they stand before it only so that errors
// name them.
const (
	rootTarget = iota
	rootArgs
	rootKwargs
	rootSelf
	rootParent
	roots
)

// start is p:start().
func (lib *library) start(L *lua.LState) int {
	o := checkOpen(L)
	switch {
	case o.process != nil, o.creator == os.Getpid() && o.isCopy():
		L.RaiseError("cannot start a process twice")
	case o.isCopy():
		L.RaiseError("can only start a process object created by current process")
	case lib.current.daemon:
		L.RaiseError("daemonic processes are not allowed to have children")
	}
	proc.Wake()
	lib.seen.starts(o.name)
	lib.prune()
	cannotStart(L, o, lib.packRights())
	snapshot, err := o.pack()
	if err != nil {
		L.RaiseError("%s", err.Error())
	}
	defer snapshot.Close()
	lib.engine.ShareOutput()
	theirs, err := o.openPipes()
	cannotStart(L, o, err)
	flags := 0
	if o.daemon {
		flags = board.Daemon
	}
	slot := lib.enter(o.name, flags)
	starting.RLock()
	command := &proc.Command{
		Head:     binary.AppendUvarint(lib.head(), uint64(slot)),
		Payload:  snapshot.Data,
		Room:     snapshot.Room,
		Files:    withRecording(snapshot.Files),
		Standing: definitions(),
		Daemon:   o.daemon,
		OwnGroup: lib.jobs.separate,
		Stdout:   lib.engine.Stdout(),
		Stderr:   lib.engine.Stderr(),
	}
	if theirs[0] != nil {
		command.Stdout = theirs[0]
	}
	if theirs[1] != nil {
		command.Stderr = theirs[1]
	}
	p, err := scarce.Retry(L, func() (*proc.Process, error) { return proc.Start(lib.engine.Context(), command) })
	starting.RUnlock()
	if err != nil {
		o.closePipes(theirs)
		theBoard().Leave(slot)
	}
	cannotStart(L, o, err)
	o.started(theirs)
	tellSources(snapshot.Sources)
	lib.watch()
	lib.started++
	o.process, o.serial, o.slot = p, lib.started, slot
	theBoard().Started(slot, p.Pid())
	lib.children = append(lib.children, o)
	lib.jobs.add(o)
	lib.seen.started(o.name, p)
	return 0
}

// packRights sets lib.rights.
func (lib *library) packRights() (err error) {
	if lib.rights == nil {
		lib.rights, err = packRights(lib.engine.Config())
	}
	return err
}

// head returns the beginning of the payload of a child of this process.
func (lib *library) head() []byte {
	flags := byte(0)
	if recording != nil {
		flags |= headRecorded
	}
	if tree.hasBoard() {
		flags |= headBoard
	}
	return packHead(lib.rights, lib.engine.Dir(), flags)
}

// packHead returns the beginning of a child's payload: its rights, the directory of the
// script with its length before it, and flags. The child's place on the board follows.
func packHead(rights []byte, dir string, flags byte) []byte {
	head := binary.AppendUvarint(append([]byte(nil), rights...), uint64(len(dir)))
	return append(append(head, dir...), flags)
}

// Flags of a head. The child's place on the board follows it, 0 if the child has none.
const (
	headRecorded = 1 << iota // the last file is that of the recording
	headBoard                // there is a board before the log of definitions
)

// withRecording appends the file of the recording, if there is one.
func withRecording(files []*os.File) []*os.File {
	if recording == nil {
		return files
	}
	return append(slices.Clip(files), recording.File())
}

// cannotStart raises err as the error of a start, if it isn't nil.
func cannotStart(L *lua.LState, o *processState, err error) {
	switch {
	case errors.Is(err, proc.ErrNoInit):
		L.RaiseError("cannot start process '%s': the program has not called multiprocessing.Init(cfg), which comes first in its main", o.name)
	case err != nil:
		L.RaiseError("cannot start process '%s': %s", o.name, err.Error())
	}
}

// pack packs o for the child that it is to be.
func (o *processState) pack() (*luabind.Snapshot, error) {
	var list [roots]luabind.Root
	list[rootTarget] = luabind.Root{Name: "target", Value: o.target}
	list[rootArgs] = luabind.Root{Name: "args", Value: o.args}
	list[rootKwargs] = luabind.Root{Name: "kwargs", Value: o.kwargs}
	list[rootSelf] = luabind.Root{Name: "self", Value: o.table}
	list[rootParent] = luabind.Root{Name: "parent", Value: lua.LString(o.lib.current.name)}
	return o.lib.engine.Pack("process '"+o.name+"'", list[:]...)
}

// run is p:run(): target(args[1], ..., args[n] [, kwargs]).
func (lib *library) run(L *lua.LState) int {
	o := checkOpen(L)
	if o.target == lua.LNil {
		return 0
	}
	L.Push(o.target)
	n := pushArgs(L, o.args)
	if o.kwargs != lua.LNil {
		L.Push(o.kwargs)
		n++
	}
	glua.Call(L, n, 0)
	return 0
}

// maxArgs is how many arguments a target can get. They are all on the stack of the
// call, and args.n may be any number.
const maxArgs = 1 << 20

// countArgs returns how many arguments args holds: args.n, if there is one, as in what table.pack of later Luas
// returns, else the table's length.
func countArgs(L *lua.LState, args *lua.LTable) int {
	n := math.Trunc(glua.MaxN(args))
	if count, ok := glua.Named(args, "n").(lua.LNumber); ok && count >= 0 {
		n = float64(count)
	}
	if n > maxArgs {
		L.RaiseError("too many arguments in args: %s, at most %d are possible", lua.LNumber(n).String(), maxArgs)
	}
	return int(n)
}

// appendArgs appends the arguments that args holds; nil: none.
func appendArgs(L *lua.LState, values []lua.LValue, args *lua.LTable) []lua.LValue {
	if args != nil {
		n := countArgs(L, args) // it looks at all of them
		for i := 1; i <= n; i++ {
			values = append(values, glua.Item(args, i))
		}
	}
	return values
}

// pushArgs pushes the arguments that args holds, and returns how many there are.
func pushArgs(L *lua.LState, args *lua.LTable) (n int) {
	if args != nil {
		n = countArgs(L, args)
		stack := glua.Inside(L).Reg
		stack.Need(stack.Top + n) // at once: it grows by equal steps
		for i := 1; i <= n; i++ {
			L.Push(glua.Item(args, i))
		}
	}
	return n
}

// join is p:join([timeout]).
func (lib *library) join(L *lua.LState) int {
	o := checkOpen(L)
	timeout := optTimeout(L, 2)
	switch {
	case o.isCopy():
		L.RaiseError("can only join a child process")
	case o.process == nil:
		L.RaiseError("can only join a started process")
	}
	lib.awaitProcess(L, o, timeout)
	return 0
}

// signalMethod makes a method that sends a signal, such as p:terminate().
func signalMethod(number int, send func(*proc.Process) error) lua.LGFunction {
	return func(L *lua.LState) int {
		o := checkOpen(L)
		switch {
		case o.current || o.isCopy():
			L.RaiseError("can only signal a child process")
		case o.process == nil:
			L.RaiseError("process not started")
		}
		o.signalled = true // if that ends it, it was us
		o.lib.seen.sent(o.process, number)
		if err := send(o.process); err != nil {
			L.RaiseError("%s", err.Error())
		}
		return 0
	}
}

// isAlive is p:is_alive().
func (lib *library) isAlive(L *lua.LState) int {
	o := checkOpen(L)
	if !o.current && o.isCopy() {
		L.RaiseError("can only test a child process")
	}
	L.Push(lua.LBool(o.current || o.process != nil && o.alive()))
	return 1
}

// closeObject is p:close().
func (lib *library) closeObject(L *lua.LState) int {
	o := checkObject(L)
	if o.creator == 0 {
		return 0 // as in Python: there is nothing of a main process to be forgotten
	}
	if o.process != nil {
		if o.alive() {
			L.RaiseError("Cannot close a process while it is still running. You should first call join() or terminate().")
		}
		lib.prune()
		o.process = nil
	}
	delete(lib.sentinels, o.sentinel)
	o.closed = true
	return 0
}

// tostring is tostring(p).
func (lib *library) tostring(L *lua.LState) int {
	L.Push(lua.LString(checkObject(L).String()))
	return 1
}
