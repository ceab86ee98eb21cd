package luabind

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"
)

// RunFile runs a file of Config.Fs with args, which the script sees as "...".
// Errors of the script are *Error, os.exit is *ExitError.
func (e *Engine) RunFile(ctx context.Context, name string, args ...string) error {
	source, err := e.readFile(name)
	if err != nil {
		return err
	}
	return e.run(ctx, name, source, args)
}

// Run reads src to its end and runs it; chunk is its name in errors.
func (e *Engine) Run(ctx context.Context, chunk string, src io.Reader, args ...string) error {
	source, err := io.ReadAll(src)
	if err != nil {
		return fmt.Errorf("luabind: read %s: %w", chunk, err)
	}
	return e.run(ctx, chunk, string(source), args)
}

func (e *Engine) run(ctx context.Context, chunk, source string, args []string) error {
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

// Load compiles a chunk; its name stands in errors. A source that begins with
// '#' has its first line skipped, as files have. The error is an *Error of one
// line: name:line: what is wrong.
func (e *Engine) Load(name, source string) (*lua.LFunction, error) {
	proto, err := e.chunks.Compile(name, skipHash(source))
	if err != nil {
		return nil, &Error{Message: err.Error(), Value: lua.LString(err.Error())}
	}
	return e.state.NewFunctionFromProto(proto), nil
}

// skipHash empties a first line that begins with '#', and keeps its end for the
// line numbers.
func skipHash(source string) string {
	if source == "" || source[0] != '#' {
		return source
	}
	for i := range len(source) {
		if source[i] == '\n' {
			return source[i:]
		}
	}
	return ""
}

// Do calls f with args as a run of its own: ctx ends it, an error comes back as
// *Error with its traceback, os.exit as *ExitError. It returns results values,
// or all where results is lua.MultRet.
func (e *Engine) Do(ctx context.Context, f lua.LValue, results int, args ...lua.LValue) ([]lua.LValue, error) {
	L := e.state
	if L.IsClosed() {
		return nil, ErrClosed
	}
	outer := e.ctx
	e.ctx = ctx
	defer func() { e.ctx = outer }()
	if ctx.Done() != nil { // a context costs the VM a look at each instruction
		L.SetContext(ctx)
		defer L.RemoveContext()
	}
	top := L.GetTop()
	defer L.SetTop(top)
	err := L.CallByParam(lua.P{Fn: f, NRet: results, Protect: true}, args...)
	switch {
	case e.exit != nil:
		return nil, e.exit
	case err != nil && ctx.Err() != nil:
		return nil, fmt.Errorf("luabind: %w", context.Cause(ctx))
	case err != nil:
		return nil, newError(L, err)
	}
	values := make([]lua.LValue, 0, L.GetTop()-top)
	for i := top + 1; i <= L.GetTop(); i++ {
		values = append(values, L.Get(i))
	}
	return values, nil
}

func (e *Engine) readFile(name string) (string, error) {
	b, err := afero.ReadFile(e.config.Fs, name)
	if err != nil {
		return "", &Error{Message: fmt.Sprintf("cannot open %s: %s", name, errnoText(err)), Err: err}
	}
	return string(b), nil
}

// ErrClosed is the error of an engine that was closed.
var ErrClosed = errors.New("luabind: engine is closed")
