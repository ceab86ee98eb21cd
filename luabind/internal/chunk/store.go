// Package chunk compiles chunks, records which source each prototype came from,
// implements string.dump, and finds the globals and modules that the code of a function
// names.
package chunk

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

// Store compiles every chunk of one engine and remembers which source each
// prototype came from, and where in it.
//
// A gopher-lua FunctionProto can't be rebuilt from outside, so a function
// travels as the source of its chunk and the number of its prototype in it,
// and the other side compiles the same source. Compiling is deterministic.
//
// The entry of a prototype goes when the prototype does: a program may load a
// million strings.
type Store struct {
	mu     sync.Mutex // cleanups run on a goroutine of their own
	protos map[weak.Pointer[lua.FunctionProto]]*Place
	ahead  map[Source]*lua.FunctionProto // compiled for snapshots to come

	recent map[Source][]*lua.FunctionProto // of chunks that have arrived
	size   int                             // of their sources
	count  int                             // of their prototypes
}

// How many bytes of sources, and how many of their prototypes, are remembered: a message with a
// function of a chunk is followed by others. A prototype takes some KB, however short it is.
const (
	maxRecent       = 4 << 20
	maxRecentProtos = 10_000
)

// Expect compiles a chunk whose functions a snapshot will bring. Errors are left
// for when it does.
func (c *Store) Expect(s Source) {
	if proto, err := prototype(&Chunk{Name: s.Name, Source: s.Text}, nil); err == nil {
		if c.ahead == nil {
			c.ahead = map[Source]*lua.FunctionProto{}
		}
		c.ahead[s] = proto
	}
}

// Arrived returns the prototypes of a chunk that came with a snapshot, in the
// order of their index.
func (c *Store) Arrived(ch *Chunk) ([]*lua.FunctionProto, error) {
	source := Source{ch.Name, ch.Source}
	if !ch.Session {
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
	if !ch.Session {
		ch.Name, ch.Source = strings.Clone(ch.Name), strings.Clone(ch.Source) // not the whole snapshot
	}
	list := c.add(ch, proto)
	if size := len(ch.Name) + len(ch.Source); !ch.Session && size <= maxRecent && len(list) <= maxRecentProtos {
		c.size += size
		c.count += len(list)
		if c.recent == nil || c.size > maxRecent || c.count > maxRecentProtos {
			c.recent, c.size, c.count = map[Source][]*lua.FunctionProto{}, size, len(list)
		}
		c.recent[Source{ch.Name, ch.Source}] = list
	}
	return list, nil
}

// Place is where a prototype stands: the index-th of its chunk, counted in the
// order parent, then children from left to right; 0 is the chunk itself.
type Place struct {
	Chunk *Chunk
	Index int
	Uses  *Uses // what its code names; nil until asked for
}

// NewStore returns a Store that holds nothing.
func NewStore() *Store {
	return &Store{protos: map[weak.Pointer[lua.FunctionProto]]*Place{}}
}

// Compile compiles source. An error is one line: name:line: message near 'token';
// or that of ctx, if it has ended.
func (c *Store) Compile(ctx context.Context, name, source string) (*lua.FunctionProto, error) {
	return c.compile(ctx, &Chunk{Name: name, Source: source})
}

// CompilePiece compiles source as compile.CompilePiece does. It returns the prototype
// of the chunk around the piece.
func (c *Store) CompilePiece(name, source string, locals []string) (*lua.FunctionProto, error) {
	return c.compile(context.Background(), &Chunk{Name: name, Source: source, Session: true, Locals: locals})
}

func (c *Store) compile(ctx context.Context, ch *Chunk) (*lua.FunctionProto, error) {
	proto, err := compileWithin(ctx, ch)
	if err != nil {
		return nil, err
	}
	c.add(ch, proto)
	return proto, nil
}

// add enters the prototypes of ch and returns them in the order of their index.
func (c *Store) add(ch *Chunk, root *lua.FunctionProto) []*lua.FunctionProto {
	all := flatten(nil, root)
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range all {
		key := weak.Make(p)
		if c.protos[key] != nil {
			continue // of a chunk that was expected and has arrived before
		}
		c.protos[key] = &Place{Chunk: ch, Index: i}
		runtime.AddCleanup(p, c.forget, key)
	}
	return all
}

// Name returns what the chunk of p was loaded as, or "=?".
func (c *Store) Name(p *lua.FunctionProto) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.protos[weak.Make(p)]; at != nil {
		return at.Chunk.Name
	}
	return "=?"
}

func (c *Store) forget(key weak.Pointer[lua.FunctionProto]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.protos, key)
}

// Find returns nil for a prototype that was not compiled here.
func (c *Store) Find(p *lua.FunctionProto) *Place {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.protos[weak.Make(p)]
	if at != nil && at.Uses == nil {
		at.Uses = scan(p)
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
func compileWithin(ctx context.Context, ch *Chunk) (*lua.FunctionProto, error) {
	return within(ctx, len(ch.Source), func(over func() bool) (*lua.FunctionProto, error) { return prototype(ch, over) })
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

func prototype(ch *Chunk, over func() bool) (p *lua.FunctionProto, err error) {
	name, source := DisplayName(ch.Name), ch.Source
	defer func() {
		// The compiler of gopher-lua panics on some sources (too many
		// registers, say); a source is a script's input, not our bug.
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("%s: %v", name, r)
		}
	}()
	var tree *syntax.Tree
	if ch.Session {
		tree, err = syntax.ParsePiece(over, name, source, ch.Locals)
	} else {
		tree, err = syntax.ParseUntil(over, name, source)
	}
	if err != nil {
		return nil, err
	}
	if over != nil && over() {
		return nil, errors.New("interrupted")
	}
	if ch.Session {
		return compile.CompilePiece(tree, name, ch.Locals)
	}
	return compile.Compile(tree, name)
}
