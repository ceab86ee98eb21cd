package luabind

import (
	"context"
	"errors"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/chunk"
	"luaspawn/luabind/internal/gather"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/vm"
)

// The functions that load: all compile by the engine, and read by its file
// system.

// maxSource is the most that load takes from its reader, and that is read of standard input.
const maxSource = 1 << 28

// load is load(func [, name]): it compiles the pieces that func returns.
func (e *Engine) load(L *lua.LState) int {
	reader := arg.Function(L, 1)
	name := "=(load)"
	if L.Get(2) != lua.LNil {
		name = arg.String(L, 2)
	}
	var source gather.Text
	for {
		L.Push(reader)
		if err := vm.Call(L, 0, 1); err != nil {
			L.Push(lua.LNil)
			L.Push(errorValue(err))
			return 2
		}
		piece := L.Get(-1)
		L.Pop(1)
		if piece == lua.LNil {
			break
		}
		if !lua.LVCanConvToString(piece) {
			return failed(L, arg.Where(L)+"reader function must return a string")
		}
		if piece.String() == "" {
			break
		}
		source.WriteString(piece.String())
		if source.Len() > maxSource {
			return failed(L, "not enough memory")
		}
	}
	text, err := source.String(e.runContext())
	if err != nil {
		return failed(L, err.Error())
	}
	return e.pushChunk(L, name, text)
}

// errorValue returns the value of an error that a protected call returned.
func errorValue(err error) lua.LValue {
	var api *lua.ApiError
	if errors.As(err, &api) && api.Object != nil {
		return api.Object
	}
	return lua.LString(err.Error())
}

// loadString is loadstring(source [, name]).
func (e *Engine) loadString(L *lua.LState) int {
	source := arg.String(L, 1)
	name := source
	if L.Get(2) != lua.LNil {
		name = arg.String(L, 2)
	}
	return e.pushChunk(L, name, source)
}

// loadFile is loadfile([name]); without a name it reads standard input.
func (e *Engine) loadFile(L *lua.LState) int {
	name, source, err := e.sourceOf(L)
	if err != nil {
		return failed(L, err.Error())
	}
	return e.pushChunk(L, name, skipHash(source))
}

// doFile is dofile([name]).
func (e *Engine) doFile(L *lua.LState) int {
	name, source, err := e.sourceOf(L)
	if err == nil {
		L.SetTop(0)
		var f *lua.LFunction
		if f, err = e.chunk(L, name, skipHash(source)); err == nil {
			L.Push(f)
			glua.Call(L, 0, lua.MultRet)
			return L.GetTop()
		}
	}
	L.Error(lua.LString(err.Error()), 0)
	return 0
}

// sourceOf reads the file that the first argument names, or standard input.
func (e *Engine) sourceOf(L *lua.LState) (name, source string, err error) {
	if L.Get(1) != lua.LNil {
		name = arg.String(L, 1)
		source, err = e.readFile(name)
		return "@" + name, source, err
	}
	source, err = e.io.ReadInput(maxSource + 1)
	if len(source) > maxSource {
		return "", "", errors.New("not enough memory")
	}
	if err != nil {
		return "", "", fmt.Errorf("cannot read stdin: %s", errnoText(err))
	}
	return "=stdin", source, nil
}

func (e *Engine) pushChunk(L *lua.LState, name, source string) int {
	f, err := e.chunk(L, name, source)
	if err != nil {
		arg.Look(L) // the run ends, not this function
		return failed(L, err.Error())
	}
	L.Push(f)
	return 1
}

// chunk makes a function of source, or of what string.dump has made. Its
// environment is that of the thread L.
func (e *Engine) chunk(L *lua.LState, name, source string) (*lua.LFunction, error) {
	return e.chunkWithin(e.runContext(), L, name, source)
}

// chunkWithin is chunk within a context other than that of the run.
func (e *Engine) chunkWithin(ctx context.Context, L *lua.LState, name, source string) (*lua.LFunction, error) {
	if !chunk.IsDump(source) {
		proto, err := e.chunks.Compile(ctx, name, source)
		if err != nil {
			return nil, err
		}
		return glua.NewClosure(proto, L.Env), nil
	}
	proto, err := e.chunks.Undump(ctx, source)
	if err != nil {
		switch {
		case strings.HasPrefix(name, "@"), strings.HasPrefix(name, "="):
			name = name[1:]
		case chunk.IsDump(name):
			name = "binary string"
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f := glua.NewClosure(proto, L.Env)
	for i := range glua.Upvalues(f) {
		glua.Upvalues(f)[i] = glua.NewUpvalue(lua.LNil)
	}
	return f, nil
}

// dump is string.dump(f).
func (e *Engine) dump(L *lua.LState) int {
	f := arg.Function(L, 1)
	if !f.IsG {
		if dump, ok := e.chunks.Dump(f.Proto); ok {
			L.Push(lua.LString(dump))
			return 1
		}
	}
	arg.Raise(L, "unable to dump given function")
	return 0
}

// failed returns nil and a message, as most of Lua's libraries do.
func failed(L *lua.LState, message string) int {
	L.Push(lua.LNil)
	L.Push(lua.LString(message))
	return 2
}
