package snapshot

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/compile"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/syntax"
)

// Chunks compiles every chunk of one engine and remembers which source each
// prototype came from, and where in it.
//
// A gopher-lua FunctionProto can't be rebuilt from outside, so a function
// travels as the source of its chunk and the number of its prototype in it,
// and the other side compiles the same source. Compiling is deterministic.
//
// The entry of a prototype goes when the prototype does: a program may load a
// million strings.
type Chunks struct {
	mu     sync.Mutex // cleanups run on a goroutine of their own
	protos map[weak.Pointer[lua.FunctionProto]]*place
	ahead  map[Source]*lua.FunctionProto // compiled for snapshots to come

	recent map[Source][]*lua.FunctionProto // of chunks that have arrived
	size   int                             // of their sources
}

// maxRecent is how many bytes of sources are remembered with their prototypes: a message
// with a function of a chunk is followed by others.
const maxRecent = 4 << 20

// A chunk is one source text under the name that it was loaded as: "@file",
// "=name" or itself. DisplayName makes of it what stands in errors.
type chunk struct {
	name, source string
	session      bool     // a piece of a session, see compile.CompilePiece
	locals       []string // which it sees
}

// A Source is the text of a chunk, and the name that stands in its errors.
type Source struct{ Name, Text string }

// Expect compiles a chunk whose functions a snapshot will bring. Errors are left
// for when it does.
func (c *Chunks) Expect(s Source) {
	if proto, err := prototype(&chunk{name: s.Name, source: s.Text}, nil); err == nil {
		if c.ahead == nil {
			c.ahead = map[Source]*lua.FunctionProto{}
		}
		c.ahead[s] = proto
	}
}

// arrived returns the prototypes of a chunk that came with a snapshot, in the
// order of their index.
func (c *Chunks) arrived(ch *chunk) ([]*lua.FunctionProto, error) {
	source := Source{ch.name, ch.source}
	if !ch.session {
		if proto := c.ahead[source]; proto != nil {
			return c.add(ch, proto), nil
		}
		if list := c.recent[source]; list != nil {
			return list, nil
		}
	}
	proto, err := prototype(ch, nil)
	if err != nil {
		return nil, err
	}
	if !ch.session {
		ch.name, ch.source = strings.Clone(ch.name), strings.Clone(ch.source) // not the whole snapshot
	}
	list := c.add(ch, proto)
	if size := len(ch.name) + len(ch.source); !ch.session && size <= maxRecent {
		if c.size += size; c.recent == nil || c.size > maxRecent {
			c.recent, c.size = map[Source][]*lua.FunctionProto{}, size
		}
		c.recent[Source{ch.name, ch.source}] = list
	}
	return list, nil
}

// place is where a prototype stands: the index-th of its chunk, counted in the
// order parent, then children from left to right; 0 is the chunk itself.
type place struct {
	chunk *chunk
	index int
	uses  *uses // what its code names; nil until asked for
}

// NewChunks returns a Chunks that holds nothing.
func NewChunks() *Chunks {
	return &Chunks{protos: map[weak.Pointer[lua.FunctionProto]]*place{}}
}

// Compile compiles source. An error is one line: name:line: message near 'token';
// or that of ctx, if it has ended.
func (c *Chunks) Compile(ctx context.Context, name, source string) (*lua.FunctionProto, error) {
	return c.compile(ctx, &chunk{name: name, source: source})
}

// CompilePiece compiles source as compile.CompilePiece does. It returns the prototype
// of the chunk around the piece.
func (c *Chunks) CompilePiece(name, source string, locals []string) (*lua.FunctionProto, error) {
	return c.compile(context.Background(), &chunk{name: name, source: source, session: true, locals: locals})
}

func (c *Chunks) compile(ctx context.Context, ch *chunk) (*lua.FunctionProto, error) {
	proto, err := compileWithin(ctx, ch)
	if err != nil {
		return nil, err
	}
	c.add(ch, proto)
	return proto, nil
}

// add enters the prototypes of ch and returns them in the order of their index.
func (c *Chunks) add(ch *chunk, root *lua.FunctionProto) []*lua.FunctionProto {
	all := flatten(nil, root)
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range all {
		key := weak.Make(p)
		if c.protos[key] != nil {
			continue // of a chunk that was expected and has arrived before
		}
		c.protos[key] = &place{chunk: ch, index: i}
		runtime.AddCleanup(p, c.forget, key)
	}
	return all
}

// Name returns what the chunk of p was loaded as, or "=?".
func (c *Chunks) Name(p *lua.FunctionProto) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.protos[weak.Make(p)]; at != nil {
		return at.chunk.name
	}
	return "=?"
}

func (c *Chunks) forget(key weak.Pointer[lua.FunctionProto]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.protos, key)
}

// find returns nil for a prototype that was not compiled here.
func (c *Chunks) find(p *lua.FunctionProto) *place {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.protos[weak.Make(p)]
	if at != nil && at.uses == nil {
		at.uses = scan(p)
	}
	return at
}

func flatten(to []*lua.FunctionProto, p *lua.FunctionProto) []*lua.FunctionProto {
	to = append(to, p)
	for _, child := range p.FunctionPrototypes {
		to = flatten(to, child)
	}
	return to
}

// longSource takes some 50 ms to compile.
const longSource = 100_000

// compileWithin returns when ctx ends. gopher-lua's compiler can't be stopped then,
// only the parser before it: it goes on by itself, and what it makes is dropped.
func compileWithin(ctx context.Context, ch *chunk) (*lua.FunctionProto, error) {
	return within(ctx, len(ch.source), func(over func() bool) (*lua.FunctionProto, error) { return prototype(ch, over) })
}

// within is make, of a source of that size, or the error of ctx soon after it has ended.
func within[T any](ctx context.Context, size int, make func(over func() bool) (T, error)) (made T, err error) {
	if ctx.Done() == nil || size < longSource {
		return make(nil)
	}
	type result struct {
		made T
		err  error
	}
	var r result // not the results of this function, which are read when it is left behind
	if !glua.Apart(ctx, func() { r.made, r.err = make(func() bool { return ctx.Err() != nil }) }) {
		return made, ctx.Err()
	}
	return r.made, r.err
}

func prototype(ch *chunk, over func() bool) (p *lua.FunctionProto, err error) {
	name, source := DisplayName(ch.name), ch.source
	defer func() {
		// The compiler of gopher-lua panics on some sources (too many
		// registers, say); a source is a script's input, not our bug.
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("%s: %v", name, r)
		}
	}()
	parse := syntax.ParseUntil
	if ch.session {
		parse = syntax.ParsePiece
	}
	statements, err := parse(over, name, source)
	if err != nil {
		return nil, err
	}
	if over != nil && over() {
		return nil, errors.New("interrupted")
	}
	if ch.session {
		return compile.CompilePiece(statements, name, ch.locals)
	}
	return compile.Compile(statements, name)
}

// DisplayName turns the name of a chunk into what stands in errors, as
// luaO_chunkid of Lua 5.1 does, which has 60 bytes for it, the last a zero.
func DisplayName(name string) string {
	const size = 60
	switch {
	case name == "":
		return `[string ""]`
	case name[0] == '=':
		return name[1:min(len(name), size)]
	case name[0] == '@':
		const room = size - len(" '...' ") - 1
		if name = name[1:]; len(name) > room {
			name = "..." + name[len(name)-room:]
		}
		return name
	}
	const room = size - len(` [string "..."] `) - 1
	line := name
	if i := strings.IndexAny(name, "\n\r"); i >= 0 {
		line = name[:i]
	}
	if line = line[:min(len(line), room)]; len(line) < len(name) {
		line += "..."
	}
	return `[string "` + line + `"]`
}
