package luabind

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/iolib"
	"luaspawn/luabind/internal/snapshot"
	"luaspawn/luabind/internal/vm"
)

// Config says what an engine is made of, and so what its scripts may do. All that a script touches goes through
// it: the zero Config reaches nothing outside the engine, no file, no variable of
// the environment, no command, no network.
type Config struct {
	Fs             afero.Fs  // where scripts, modules and files are; nil: an empty file system in memory
	Stdin          io.Reader // standard input; nil: nothing
	Stdout, Stderr io.Writer // standard output and error; nil: discarded
	Path           string    // templates of require, as in package.path; empty: DefaultPath; ";": none
	Environ        []string  // what os.getenv sees, "NAME=value" each; nil: nothing
	Shell          bool      // io.popen and os.execute run commands, with Environ as theirs; false: they are errors
	TextMode       bool      // lines of files end in "\r\n", see "Text mode" in the package's text; false: bytes are as they are
	Signals        bool      // scripts may catch signals of this program, by module signal, and send it some; false: that is an error
	Network        Network   // the sockets that scripts may make by a module; zero: none
	Modules        []Module  // modules that scripts may require, opened in this order unless on demand
	CallDepth      int       // calls in calls; deeper is a "stack overflow" error; 0: 20,000

	// Carried returns a module in Lua that the program carries: the name of its file, for errors, and its
	// text; both are empty where it carries none of that name. require asks it before it looks
	// along package.path. Package bundle has one. nil: the program carries none.
	Carried func(module string) (file, source string, err error)

	// Observe is called with what a script does among processes, by module multiprocessing,
	// most of the time in the goroutine of the script, which waits for it: it should take
	// no longer than to hand on the Event, and mustn't call the engine. Any number of goroutines may call it
	// at a time. In a child it is that of the Config given to multiprocessing.Init. Nil: nobody is
	// told, and it costs nothing.
	Observe func(Event)
}

// DefaultPath is where require looks unless Config.Path says otherwise: in the
// directory that Config.Fs begins in, for a file or a directory of that name.
const DefaultPath = "./?.lua;./?/init.lua"

// A Module is a Lua module written in Go, or one in Lua that the program brings along.
type Module struct {
	Name string                          // as in require "name"
	Open func(*Host) (lua.LValue, error) // makes what require returns; called once an engine

	// OnDemand says that New leaves the module alone: Open is called by the first require,
	// or when something of the module arrives from another engine. So it costs nothing where it isn't
	// used. A file that require finds along package.path comes before it. Its Open takes
	// nothing from the globals, which scripts may have changed by then.
	OnDemand bool

	// Source is the text of a module written in Lua. It runs at the first require,
	// as a file along package.path would, and such a file comes before it. Then Open is nil.
	Source string

	// BeforeFiles says that a module with OnDemand or Source comes before a file along package.path all the same: the
	// one of its name that people have is a part of a library in C, which can't be loaded.
	BeforeFiles bool

	// Manual says what the module holds, for people and editors: the text of a
	// stub of the Lua language server, in the subset of package
	// internal/stub. It is best a file stub.lua beside the Go code, by //go:embed. The
	// metatable of a class's objects is known by its name in Lua's registry, as
	// NewTypeMetatable enters it: "socket.Client" for ---@class socket.Client. It is parsed
	// when help is asked for, not before. Empty: there is none.
	Manual string
}

// Host is an engine as its modules see it, and programs that do what modules do, as a
// prompt: with what they need beside the methods of Engine, to send values to other
// engines above all.
type Host struct{ *Engine }

// Host returns e as its modules see it.
func (e *Engine) Host() *Host { return e.asHost }

// Engine runs Lua scripts. Make one with New.
type Engine struct {
	asHost *Host
	config Config
	state  *lua.LState
	chunks *chunk.Store
	codec  *snapshot.Codec
	io     *iolib.Host
	stdout *output
	stderr *output

	textErrors atomic.Bool // what WriteError writes is in text mode

	unpackers map[string]snapshot.Unpacker   // for codec, which comes after the modules
	offered   []Module                       // beside those of the Config, by Offer
	demanded  map[string]lua.LValue          // what modules on demand hold that are open
	jobs      []Jobs                         // that the modules offer
	fields    map[reflect.Type][]structField // see fieldsOf
	attention attention                      // see Attend
	watcher   Watcher                        // see Watch; nil: none

	runLock runLock
	run     *run            // the one under way; nil: none
	first   run             // what run is while no call is nested in another
	watched <-chan struct{} // of the context that the VM was last told to watch
	unwatch func() bool     // nil: there was none
	exit    *ExitError      // os.exit was called: everything unwinds
	failed  bool            // the last call from outside has ended with an error
	closing atomic.Bool     // Close calls onClose
	atExit  []func()        // see AtExit
	exits   atomic.Bool     // there is one

	onClose, onReturn, onMute []func()
}

// The registry of a Lua state holds what is on the stack of its calls. It is
// small at first, grows in steps and never shrinks; 20,000 calls are the depth
// that Lua 5.1 allows.
const (
	registryStart = 256
	registryStep  = 4096
	registryMax   = 4 << 20
	callDepth     = 20000
)

// check refuses what would fail only when a script comes to it: pointers that are
// nil in interfaces that are not, and modules that can't be opened.
func (c *Config) check() error {
	for field, v := range map[string]any{"Fs": c.Fs, "Stdin": c.Stdin, "Stdout": c.Stdout, "Stderr": c.Stderr} {
		if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
			return &ConfigError{field, fmt.Sprintf("is a nil %T", v)}
		}
	}
	for i, m := range c.Modules {
		field := fmt.Sprintf("Modules[%d]", i)
		if m.Name == "" {
			return &ConfigError{field, "has no Name"}
		}
		if m.Open == nil && m.Source == "" {
			return &ConfigError{field, "(" + m.Name + ") has no Open"}
		}
	}
	return nil
}

// path is what package.path is at first.
func (c *Config) path() string {
	switch c.Path {
	case "":
		return DefaultPath
	case ";":
		return ""
	}
	return c.Path
}

// New returns an engine with Lua's libraries and the modules of c open. Its errors
// are a *ConfigError, that of a module's Open (errors.Is and As find it), or one
// that says that the program has been linked with another gopher-lua than the engine
// is made for.
func New(c Config) (*Engine, error) {
	if err := glua.Known(); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	given := c
	if c.Fs == nil {
		c.Fs = afero.NewMemMapFs()
	}
	if c.CallDepth <= 0 {
		c.CallDepth = callDepth
	}
	e := &Engine{
		config: given,
		state: lua.NewState(lua.Options{
			CallStackSize:       1, // Adopt makes a stack of its own
			RegistrySize:        registryStart,
			RegistryGrowStep:    registryStep,
			RegistryMaxSize:     registryMax,
			SkipOpenLibs:        true,
			MinimizeStackMemory: true,
		}),
		chunks: chunk.NewStore(),
		stdout: newOutput(c.Stdout),
		stderr: newOutput(c.Stderr),

		unpackers: map[string]snapshot.Unpacker{},
	}
	e.textErrors.Store(c.TextMode)
	e.attention.news = make(chan struct{}, 1)
	e.asHost = &Host{e}
	if equal(c.Stdout, c.Stderr) {
		e.stderr = e.stdout // one lock for one writer
	}
	e.io = &iolib.Host{
		Fs:      c.Fs,
		Stdin:   c.Stdin,
		Stdout:  e.stdout,
		Stderr:  e.stderr,
		Environ: c.Environ,
		Shell:   c.Shell,
		Text:    c.TextMode,
		Context: e.runContext,
	}
	e.io.Attended = e.asHost.attended
	e.state.Options.CallStackSize = c.CallDepth
	vm.Adopt(e.state)
	made := false
	defer func() {
		if !made { // a module has failed, or panics: those before it may hold something
			e.Close()
		}
	}()
	e.openLibraries()
	e.openErrors()
	for _, m := range c.Modules {
		if m.OnDemand || m.Source != "" {
			continue
		}
		if _, err := e.asHost.Open(m); err != nil {
			return nil, err
		}
	}
	// What there is now, every engine of the same Config has. The path may
	// differ (it follows the script, say), so it travels as a change: as one of a
	// value that is no path.
	glua.SetNamed(e.packageTable(), "path", lua.LFalse)
	e.codec = snapshot.NewCodec(e.state, e.chunks, e.unpackers)
	e.codec.Open = e.openOnDemand
	glua.SetNamed(e.packageTable(), "path", lua.LString(c.path()))
	made = true
	return e, nil
}

// Open opens m, unless a module of that name is open already, and returns what
// require returns. It is for the Open of other modules.
func (h *Host) Open(m Module) (lua.LValue, error) {
	loaded := h.loaded()
	if v := glua.Named(loaded, m.Name); v != lua.LNil {
		return v, nil
	}
	if m.Open != nil && glua.IsForeign(m.Open) {
		glua.Inside(h.state).Expose()
	}
	v, err := m.open(h)
	if err != nil {
		return nil, err
	}
	glua.SetNamed(loaded, m.Name, v)
	return v, nil
}

func (m *Module) open(h *Host) (lua.LValue, error) {
	v, err := m.Open(h)
	if err != nil {
		return nil, fmt.Errorf("luabind: open module %s: %w", m.Name, err)
	}
	v = glua.Inside(h.state).Shown(v)
	if v == nil || v == lua.LNil { // as of a Lua module that returns nothing
		v = lua.LTrue
	}
	return v, nil
}

// Config returns what New was given. A module looks there what scripts may do.
func (e *Engine) Config() Config { return e.config }

// State returns the gopher-lua state of e: the way out to all that luabind
// doesn't bind; see the package's text. It is for use between calls of the engine and by
// Go functions that a script has called, and not after Close.
//
// From then on tables that functions of gopher-lua's kind may get to see, the globals and all
// that they lead to among them, are kept as gopher-lua keeps them, which is slower.
func (e *Engine) State() *lua.LState {
	if !e.state.IsClosed() {
		glua.Inside(e.state).Expose()
	}
	return e.state
}

// Context returns the context of the run that is under way. What blocks in a
// module ends with it; calls of the engine by Go functions take it, or one
// derived from it.
func (e *Engine) Context() context.Context {
	if e.run == nil {
		return context.Background()
	}
	if e.run.public == nil {
		e.run.public = e.run.context()
	}
	return e.run.public
}

// runContext is Context for those who don't call the engine with it.
func (e *Engine) runContext() context.Context {
	if e.run == nil {
		return context.Background()
	}
	return e.run.ctx
}

// OnCancel lets f be called if the run that is under way is ended by its
// context, before the call returns.
func (h *Host) OnCancel(f func()) {
	if h.run != nil {
		h.run.onCancel = append(h.run.onCancel, f)
	}
}

// Stdout returns where print writes. A *os.File of the Config is returned as it
// is, anything else behind a lock, safe for concurrent use.
func (e *Engine) Stdout() io.Writer { return e.stdout.writer() }

// Stderr returns where errors are written, like Stdout.
func (e *Engine) Stderr() io.Writer { return e.stderr.writer() }

// WriteError writes text to Stderr in one piece.
func (h *Host) WriteError(text string) {
	b := []byte(text)
	if h.textErrors.Load() {
		b = iolib.AppendText(nil, b)
	}
	h.stderr.Write(b)
}

// ShareOutput is called when other processes begin to write to the same Stdout
// and Stderr: from then on a line stays whole among theirs, however long.
func (h *Host) ShareOutput() {
	h.stdout.share()
	h.stderr.share()
}

// WholeLines lets what is written to Stdout and Stderr come out in whole lines: the
// rest of one waits for its end, or for Close. It is called before anything is written.
func (h *Host) WholeLines() { h.stdout.lines, h.stderr.lines = true, true }

// Mute throws away what is printed from now on. It is for a program that is
// about to exit while a script still runs; any goroutine may call it.
func (h *Host) Mute() {
	for _, f := range h.onMute {
		f()
	}
	h.stdout.muted.Store(true)
	h.stderr.muted.Store(true)
}

// Failed reports whether the last run has ended with an error, which os.exit is none:
// what a module does at the end of a script may depend on it.
func (h *Host) Failed() bool { return h.failed }

// Salvage writes out what the open files of a script hold back. Where the script uses
// one of them next it is stopped for ever, and so is Close. It is, like Mute, for a program that is about
// to exit while a script still runs; any goroutine may call it. A file that can't be
// written to is left when ctx ends.
func (h *Host) Salvage(ctx context.Context) { h.io.Salvage(ctx) }

// OnHolding lets f be called when a file is opened that may hold back what is written
// to it, at the first one, or a module calls Hold: from then on there may be something to
// salvage, and Mute has something to do.
func (h *Host) OnHolding(f func()) { h.io.Holding = f }

// OnCommand lets commands be started by f, which calls start, and is told when they were
// waited for. It is for who waits for children that the engine knows nothing of.
func (h *Host) OnCommand(f func(start func() (pid int, err error)) (reaped func(), err error)) {
	h.io.Start = f
}

// OnClose lets f be called by Close, the last one first; also by New, where a module
// that comes later can't be opened.
func (h *Host) OnClose(f func()) { h.onClose = append(h.onClose, f) }

// OnCloseLast lets f be called by Close behind all that OnClose has entered.
func (h *Host) OnCloseLast(f func()) { h.onClose = slices.Insert(h.onClose, 0, f) }

// Close ends what modules have begun (children are joined, say), flushes and
// closes the files that the script has left open, and frees the engine. A second
// call does nothing. While a script runs it returns ErrBusy: cancel its context
// first. So it does while another call of Close is under way.
func (e *Engine) Close() error {
	if !e.closing.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer e.closing.Store(false)
	number, ok := e.runLock.take()
	if !ok {
		return ErrBusy
	}
	closed := e.state.IsClosed()
	e.runLock.end(number) // the functions may call the engine
	if closed {
		return nil
	}
	e.asHost.RunAtExit()
	for len(e.onClose) > 0 {
		last := len(e.onClose) - 1
		f := e.onClose[last]
		e.onClose = e.onClose[:last]
		f()
	}
	if number, ok = e.runLock.take(); !ok {
		return ErrBusy
	}
	defer e.runLock.end(number)
	if e.unwatch != nil {
		e.unwatch()
	}
	err := e.io.Close()
	e.stdout.flush()
	e.stderr.flush()
	e.state.Close()
	return err
}
