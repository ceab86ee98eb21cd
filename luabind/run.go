package luabind

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/vm"
)

// RunFile runs a file of Config.Fs with args, which the script sees as "...".
// Errors of the script are *Error, os.exit is *ExitError.
func (e *Engine) RunFile(ctx context.Context, name string, args ...string) error {
	source, err := e.readWithin(ctx, name)
	if err != nil {
		return err
	}
	return e.runSource(ctx, name, source, args)
}

// Run reads src to its end and runs it; chunk is its name in errors.
func (e *Engine) Run(ctx context.Context, chunk string, src io.Reader, args ...string) error {
	source, err := io.ReadAll(src)
	if err != nil {
		return fmt.Errorf("luabind: read %s: %w", chunk, err)
	}
	return e.runSource(ctx, chunk, string(source), args)
}

func (e *Engine) runSource(ctx context.Context, chunk, source string, args []string) error {
	f, err := e.compile(ctx, chunk, source)
	if err != nil {
		return err
	}
	values := make([]lua.LValue, len(args))
	for i, a := range args {
		values[i] = lua.LString(a)
	}
	_, err = e.do(ctx, f, 0, values...)
	return err
}

// Load compiles a chunk; its name stands in errors, "=name" as name and any other
// as that of a file, whose beginning is left out where it is long. A source that begins with
// '#' has its first line skipped, as files have. The error is an *Error of one
// line: name:line: what is wrong.
func (e *Engine) Load(name, source string) (*lua.LFunction, error) {
	return e.compile(e.runContext(), name, source)
}

func (e *Engine) compile(ctx context.Context, name, source string) (*lua.LFunction, error) {
	f, err := e.chunkWithin(ctx, e.state, chunkName(name), skipHash(source))
	if err != nil && ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	if err != nil {
		return nil, (&Error{Message: err.Error(), Value: lua.LString(err.Error())}).located()
	}
	return f, nil
}

// chunkName is what a chunk is loaded as that the engine's user calls name: a file,
// unless it says otherwise.
func chunkName(name string) string {
	if name == "" || name[0] != '=' && name[0] != '@' {
		return "@" + name
	}
	return name
}

// skipHash empties a first line that begins with '#', and keeps its end for the
// line numbers, unless what string.dump has made follows.
func skipHash(source string) string {
	if source == "" || source[0] != '#' {
		return source
	}
	for i := range len(source) {
		if source[i] == '\n' {
			if rest := source[i+1:]; chunk.IsDump(rest) {
				return rest
			}
			return source[i:]
		}
	}
	return ""
}

// Do calls f with args as a run of its own: ctx ends it, an error comes back as
// *Error with its traceback, os.exit as *ExitError. It returns results values,
// or all where results is lua.MultRet.
//
// A Go function that a script has called may call the engine in turn, with the
// context that it was given (or Engine.Context, or one derived from it) and until
// it returns, one call at a time. With any other context the engine is busy:
// ErrBusy.
func (e *Engine) Do(ctx context.Context, f lua.LValue, results int, args ...lua.LValue) ([]lua.LValue, error) {
	values, err := e.do(ctx, f, results, args...)
	for _, v := range values {
		glua.Turn(v)
	}
	return values, err
}

func (e *Engine) do(ctx context.Context, f lua.LValue, results int, args ...lua.LValue) ([]lua.LValue, error) {
	if err := e.enter(ctx); err != nil {
		return nil, err
	}
	L := e.state
	top := L.GetTop()
	defer e.leave(top)
	defer e.forget(top)
	L.Push(f)
	for _, arg := range args {
		L.Push(arg)
	}
	err := e.protected(ctx, len(args), results)
	if e.run.outer == nil {
		e.failed = err != nil && e.exit == nil
	}
	if err != nil {
		return nil, err
	}
	n := L.GetTop() - top
	if n == 0 {
		return nil, nil
	}
	values := make([]lua.LValue, n)
	for i := range values {
		values[i] = L.Get(top + 1 + i)
	}
	return values, nil
}

// protected calls the function under nargs arguments on the stack.
func (e *Engine) protected(ctx context.Context, nargs, results int) error {
	err := vm.Call(e.state, nargs, results)
	switch {
	case e.exit != nil:
		return e.exit
	case err != nil && ctx.Err() != nil:
		e.run.canceled()
		return contextError(ctx)
	case err != nil:
		return newError(e.state, err)
	}
	return nil
}

// run is what belongs to a call from outside, or to one that is nested in it.
type run struct {
	number   uint64          // of the call from outside; nested ones have the same
	outer    *run            // the one that this is nested in; nil: the call is from outside
	nested   *nestedLock     // which this one holds; nil: the call is from outside
	ctx      context.Context // of this call
	public   *runContext     // ctx and a nestedLock; nil until asked for
	vm       context.Context // what the VM looks at: ctx, or that of an outer call, or nil
	restore  func()          // takes the context of a nested call away from the VM
	onCancel []func()
}

func (r *run) canceled() {
	for _, f := range r.onCancel {
		f()
	}
	r.onCancel = nil
}

// A nestedLock lets a Go function that Lua has called call the engine, while the run
// is under way: one call at a time, which holds the mutex. It is locked for good when
// that Go function returns, or the run ends.
type nestedLock struct {
	sync.Mutex
	number uint64 // of the run
}

// runContext is what a Go function gets as its context: that of the run, by which
// the engine finds the lock for nested calls.
type runContext struct {
	context.Context
	nestedLock
}

type nestedKey struct{}

func (c *runContext) Value(key any) any {
	if key == (nestedKey{}) {
		return &c.nestedLock
	}
	return c.Context.Value(key)
}

// context returns what a Go function that Lua has called gets; it is called by
// that function's caller, which locks it for good afterwards.
func (r *run) context() *runContext {
	return &runContext{Context: r.ctx, nestedLock: nestedLock{number: r.number}}
}

// runLock is held by a call from outside while it runs. It has no waiting: who doesn't
// get it is told ErrBusy. Its word is twice the number of the last call from outside,
// and one more while that runs.
type runLock struct{ atomic.Uint64 }

func (t *runLock) take() (number uint64, ok bool) {
	was := t.Load()
	return was/2 + 1, was%2 == 0 && t.CompareAndSwap(was, was+3)
}

func (t *runLock) end(number uint64) { t.Store(number * 2) }

func (t *runLock) is(number uint64) bool { return t.Load() == number*2+1 }

// enter begins a call.
func (e *Engine) enter(ctx context.Context) error {
	number, first := e.runLock.take()
	r := &e.first
	if !first {
		nested, _ := ctx.Value(nestedKey{}).(*nestedLock)
		if nested == nil || !e.runLock.is(nested.number) || !nested.TryLock() {
			return ErrBusy
		}
		number = nested.number
		r = &run{outer: e.run, nested: nested, vm: e.run.vm}
	}
	var err error
	if e.state.IsClosed() {
		err = ErrClosed
	} else if ctx.Err() != nil {
		err = contextError(ctx)
	}
	if err != nil {
		if first {
			e.runLock.end(number)
		} else {
			r.nested.Unlock()
		}
		return err
	}
	r.number, r.ctx = number, ctx
	if first {
		e.exit = nil
	}
	if done := ctx.Done(); done != nil {
		r.vm = ctx
		if first {
			e.watch(ctx, done)
		} else {
			r.restore = vm.SetContext(e.state, ctx)
		}
	}
	e.run = r
	return nil
}

// watch sets the context that the VM looks at. A program may make many short
// calls with one context, so the engine keeps watching it when the call is over.
func (e *Engine) watch(ctx context.Context, done <-chan struct{}) {
	if done != e.watched {
		if e.unwatch != nil {
			e.unwatch()
		}
		e.watched, e.unwatch = done, vm.Watch(e.state, ctx)
	}
	glua.Inside(e.state).Ctx = ctx
}

// leave ends the call and puts the top of the stack back.
func (e *Engine) leave(top int) {
	r := e.run
	if r.public != nil {
		r.public.Lock() // nobody has it, or has it any more
	}
	if e.state.GetTop() != top {
		e.state.SetTop(top)
	}
	if r.restore != nil {
		r.restore()
	}
	e.run = r.outer
	if r.outer != nil {
		r.outer.onCancel = append(r.outer.onCancel, r.onCancel...)
		r.nested.Unlock()
		return
	}
	for _, f := range e.onReturn {
		f()
	}
	if r.vm != nil {
		e.attention.end() // which frees what hangs on the context of the run
	}
	e.io.Flush() // the host's program may look at the files now
	glua.Inside(e.state).Ctx = nil
	r.ctx, r.public, r.vm, r.onCancel = nil, nil, nil, nil
	e.runLock.end(r.number)
}

// forget lets go of what the code of a call has left behind on the stack, where
// the call isn't one of many short ones, whose like is about to take its place.
func (e *Engine) forget(top int) {
	e.state.SetTop(top)
	glua.Inside(e.state).Forget()
}

// contextError is the error of a call that ctx has ended: errors.Is finds what
// ctx.Err returns in it, and its cause.
func contextError(ctx context.Context) error {
	if cause := context.Cause(ctx); !equal(cause, ctx.Err()) {
		return fmt.Errorf("luabind: %w: %w", ctx.Err(), cause)
	}
	return fmt.Errorf("luabind: %w", ctx.Err())
}

func (e *Engine) readFile(name string) (string, error) { return e.readWithin(e.runContext(), name) }

func (e *Engine) readWithin(ctx context.Context, name string) (string, error) {
	source, err := e.io.ReadFile(ctx, name)
	if err != nil && ctx.Err() != nil {
		return "", contextError(ctx)
	}
	if err != nil {
		verb := "open"
		if errors.Is(err, syscall.EISDIR) { // which C opens
			verb = "read"
		}
		return "", &Error{Message: fmt.Sprintf("cannot %s %s: %s", verb, name, errnoText(err)), Err: err}
	}
	return source, nil
}

var (
	// ErrClosed is the error of an engine that was closed.
	ErrClosed = errors.New("luabind: engine is closed")

	// ErrBusy is the error of an engine that is used by two goroutines at
	// once, or by a Go function with another context than the one that it
	// was given.
	ErrBusy = errors.New("luabind: engine is busy")
)
