package luabind

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/compile"
	"luaspawn/luabind/internal/glua"
)

// A Session is a sequence of chunks, typed one after the other, that share
// their local variables: what one declares with local at its top level, outside
// of any block, those after it see, as if all stood in one file. A function that
// has captured such a variable and a later chunk that names it mean the same
// one, and functions take them along to other engines, as any upvalue.
//
// A local of the same name that comes later is another variable, also as in a
// file: functions from before keep theirs.
type Session struct {
	engine *Engine
	names  []string // in the order of declaration
	cells  map[string]*glua.Upvalue
	keeper *lua.LFunction
}

// NewSession returns a session without variables.
func (h *Host) NewSession() *Session {
	s := &Session{engine: h.Engine, cells: map[string]*glua.Upvalue{}}
	s.keeper = h.state.NewFunction(func(L *lua.LState) int {
		f := L.CheckFunction(1)
		for i, name := range f.Proto.DbgUpvalues {
			s.declare(name, glua.Upvalues(f)[i])
		}
		return 0
	})
	return s
}

func (s *Session) declare(name string, cell *glua.Upvalue) {
	if s.cells[name] == nil {
		s.names = append(s.names, name)
	}
	s.cells[name] = cell
}

// Load compiles the next chunk, as Engine.Load does. Its local statements take
// effect when it runs, each as it is reached.
func (s *Session) Load(name, source string) (*lua.LFunction, error) {
	source = skipHash(source)
	around, err := s.engine.chunks.CompilePiece(chunkName(name), source, s.namedIn(source))
	if err != nil {
		return nil, &Error{Message: err.Error(), Value: lua.LString(err.Error())}
	}
	piece := glua.NewClosure(around.FunctionPrototypes[0], s.engine.state.Env)
	upvalues := glua.Upvalues(piece)
	for i, name := range piece.Proto.DbgUpvalues {
		if name == compile.Keeper {
			upvalues[i] = glua.NewUpvalue(s.keeper)
		} else {
			upvalues[i] = s.cells[name]
		}
	}
	return piece, nil
}

// Locals returns the names of the variables, in the order of their declaration.
func (s *Session) Locals() []string { return slices.Clone(s.names) }

// Local returns the value of a variable; ok: there is one of that name.
func (s *Session) Local(name string) (v lua.LValue, ok bool) {
	cell := s.cells[name]
	if cell == nil {
		return lua.LNil, false
	}
	return glua.Inside(s.engine.state).Shown(cell.Value()), true
}

// SetLocal sets the variable of that name, if there is one.
func (s *Session) SetLocal(name string, v lua.LValue) {
	if cell := s.cells[name]; cell != nil {
		cell.SetValue(v)
	}
}

// namedIn returns those variables whose names are words of source: a function may
// have 200 local variables, a session any number.
func (s *Session) namedIn(source string) []string {
	var names []string
	for i := 0; i < len(source); {
		start := i
		for i < len(source) && wordByte(source[i]) {
			i++
		}
		if word := source[start:i]; s.cells[word] != nil && !slices.Contains(names, word) {
			names = append(names, word)
		}
		if i == start {
			i++
		}
	}
	return names
}

func wordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
