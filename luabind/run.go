package luabind

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/lua51"
	"luaspawn/luabind/internal/snapshot"
)

// RunFile runs a file of Config.Fs with args, which the script sees as "...".
// Errors of the script are *Error, os.exit is *ExitError.
func (e *Engine) RunFile(ctx context.Context, name string, args ...string) error {
	source, err := e.readFile(name)
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
	f, err := e.Load(chunk, source)
	if err != nil {
		return err
	}
	values := make([]lua.LValue, len(args))
	for i, a := range args {
		values[i] = lua.LString(a)
	}
	_, err = e.Do(ctx, f, 0, values...)
	return err
}

// Load compiles a chunk; its name stands in errors, "=name" as name and any other
// as that of a file, whose beginning is left out where it is long. A source that begins with
// '#' has its first line skipped, as files have. The error is an *Error of one
// line: name:line: what is wrong.
func (e *Engine) Load(name, source string) (*lua.LFunction, error) {
	f, err := e.chunk(e.state, chunkName(name), skipHash(source))
	if err != nil {
		return nil, &Error{Message: err.Error(), Value: lua.LString(err.Error())}
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
			if rest := source[i+1:]; snapshot.IsDump(rest) {
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
// context of the run (Engine.Context, or one derived from it). With any other
// context, as from another goroutine, the engine is busy: ErrBusy.
func (e *Engine) Do(ctx context.Context, f lua.LValue, results int, args ...lua.LValue) ([]lua.LValue, error) {
	outer, err := e.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer e.leave(outer)
	L := e.state
	top := L.GetTop()
	defer L.SetTop(top)
	L.Push(f)
	for _, arg := range args {
		L.Push(arg)
	}
	err = lua51.Call(L, len(args), results)
	switch {
	case e.exit != nil:
		return nil, e.exit
	case err != nil && ctx.Err() != nil:
		e.run.canceled()
		return nil, contextError(ctx)
	case err != nil:
		return nil, newError(L, err)
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

// run is what belongs to a call from outside, or to one that is nested in it.
// The zero run is none.
type run struct {
	number   uint64          // of the call from outside; nested ones have the same
	ctx      context.Context // of this call
	public   context.Context // ctx, marked with the number; nil until asked for
	vm       context.Context // what the VM looks at: ctx, or that of an outer call, or nil
	restore  func()          // takes ctx away from the VM; nil: ctx never ends
	onCancel []func()
}

func (r *run) canceled() {
	for _, f := range r.onCancel {
		f()
	}
	r.onCancel = nil
}

// runContext marks a context as belonging to a run.
type runContext struct {
	context.Context
	number uint64
}

type runKey struct{}

func (c *runContext) Value(key any) any {
	if key == (runKey{}) {
		return c.number
	}
	return c.Context.Value(key)
}

// enter begins a call and returns the one that it is nested in, for leave.
func (e *Engine) enter(ctx context.Context) (outer run, err error) {
	if !e.busy.CompareAndSwap(false, true) {
		// Only what the run itself has called may look at it, and it is
		// known by its context.
		if number, _ := ctx.Value(runKey{}).(uint64); number == 0 || number != e.runs.Load() {
			return run{}, ErrBusy
		}
		outer = e.run
	}
	if e.state.IsClosed() {
		err = ErrClosed
	} else if ctx.Err() != nil {
		err = contextError(ctx)
	}
	if err != nil {
		e.busy.Store(outer.number != 0)
		return run{}, err
	}
	e.run = run{number: outer.number, ctx: ctx, vm: outer.vm}
	if outer.number == 0 {
		e.run.number = e.runs.Add(1)
		e.exit = nil
	}
	if ctx.Done() != nil {
		e.run.vm = ctx
		e.run.restore = lua51.SetContext(e.state, ctx)
	}
	return outer, nil
}

func (e *Engine) leave(outer run) {
	if e.run.restore != nil {
		e.run.restore()
	}
	if outer.number == 0 {
		e.host.Flush() // the host's program may look at the files now
		e.run = run{}
		e.busy.Store(false)
		return
	}
	outer.onCancel = append(outer.onCancel, e.run.onCancel...)
	e.run = outer
}

// contextError is the error of a call that ctx has ended: errors.Is finds what
// ctx.Err returns in it, and its cause.
func contextError(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != ctx.Err() {
		return fmt.Errorf("luabind: %w: %w", ctx.Err(), cause)
	}
	return fmt.Errorf("luabind: %w", ctx.Err())
}

func (e *Engine) readFile(name string) (string, error) {
	file := name
	if _, ok := e.config.Fs.(afero.FromIOFS); ok { // io/fs knows no "./" and no root
		file = strings.TrimLeft(path.Clean(name), "/")
	}
	b, err := afero.ReadFile(e.config.Fs, file)
	if err != nil {
		operation := "open"
		if p := (*fs.PathError)(nil); errors.As(err, &p) && p.Op == "read" { // of a directory
			operation = p.Op
		}
		return "", &Error{Message: fmt.Sprintf("cannot %s %s: %s", operation, name, errnoText(err)), Err: err}
	}
	return string(b), nil
}

var (
	// ErrClosed is the error of an engine that was closed.
	ErrClosed = errors.New("luabind: engine is closed")

	// ErrBusy is the error of an engine that is used by two goroutines at
	// once, or that is called by a Go function with another context than
	// that of the run.
	ErrBusy = errors.New("luabind: engine is busy")
)
