package multiprocessing

import (
	"bytes"
	_ "embed" // sample.snapshot
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/lib/multiprocessing/internal/trace"
	"luaspawn/proc"
)

// childEngine is the engine of a child. It is made when the child gets its job. A prestarted child makes one earlier, of
// the first Config.
type childEngine struct {
	rights []byte // what it may do, as packRights has it; nil: it isn't made
	engine *luabind.Engine
	lib    *library
	err    error
}

// settle changes the Configs that Init was given to what they are in a child.
func settle() {
	for i := range configs {
		configs[i].Environ = proc.Environ(configs[i].Environ) // it may be from before Init
	}
}

// make makes an engine with the rights at the beginning of b, in the place of an engine that there may
// be. rest is what the engine is to unpack.
func (c *childEngine) make(b []byte) (rest []byte) {
	if c.engine != nil {
		c.engine.Close()
	}
	c.engine = nil
	cfg, rest, err := unpackRights(b)
	c.rights = bytes.Clone(b[:len(b)-len(rest)])
	if err == nil {
		c.engine, err = luabind.New(cfg)
	}
	if err == nil {
		if ud, ok := glua.Named(inside.State(c.engine).G.Registry, registryKey).(*lua.LUserData); ok {
			c.lib = ud.Value.(*library)
		} else {
			err = errNoModule
		}
	}
	c.err = err
	return rest
}

// errNoModule can be the error of a prestarted child only: a child with a job was started by the
// module.
var errNoModule = errors.New("multiprocessing: there is no multiprocessing.Module in the Config given to multiprocessing.Init")

// main runs a child, and returns its exit code.
func (c *childEngine) main(self *proc.Self) int {
	defer SayFault()
	child = self
	if c.rights == nil {
		settle()
	}
	if rest, ok := bytes.CutPrefix(self.Payload, c.rights); ok && c.rights != nil {
		self.Payload = rest
	} else {
		self.Payload = c.make(self.Payload)
	}
	if c.err != nil {
		fmt.Fprintln(os.Stderr, c.err)
		return 1
	}
	dir, rest, err := cutBytes(self.Payload)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if len(rest) == 0 {
		fmt.Fprintln(os.Stderr, errRights)
		return 1
	}
	flags := rest[0]
	slot, n := binary.Uvarint(rest[1:])
	if n <= 0 {
		fmt.Fprintln(os.Stderr, errRights)
		return 1
	}
	self.Payload = rest[1+n:]
	own.slot = int(min(slot, math.MaxInt32))
	proc.CatchQuit()
	if last := len(self.Files) - 1; flags&headRecorded != 0 && last >= 0 {
		adoptRecording(self.Files[last])
		self.Files = self.Files[:last]
	}
	c.engine.Host().SetDir(string(dir))
	if self.Standing != nil {
		adoptDefinitions(self.Standing, flags&headBoard != 0)
	}
	var ending *Ending
	c.engine.Host().OnHolding(func() { ending = endChildOnSignals(c.engine) })
	c.engine.Host().ShareOutput()
	name, far, link, worker := cutWorker(self)
	if err := c.lib.unpackSelf(self); err != nil {
		c.engine.Host().WriteError(fmt.Sprintf("Process %d: %v\n", os.Getpid(), err))
		return 1 // and closes nothing: to those that share objects with it, it has died
	}
	var code int
	begin := trace.Event{A: uint32(self.ParentPid()), Text: c.lib.current.name}
	if self.Daemon {
		begin.Aux = trace.FlagDaemon
	}
	if worker {
		begin.Text = name
		begin.Aux |= trace.FlagWorker
	}
	proc.SetTitle(c.lib.current.title(begin.Text))
	c.lib.observe(begin)
	c.engine.Host().AllowPosts()
	time.AfterFunc(answerPause, c.lib.answerQuits)
	if worker {
		c.lib.current.name = name
		c.engine.Host().WholeLines() // several workers write at a time
		code = c.lib.work(link, far)
	} else {
		code = c.lib.runSelf()
	}
	ending.Ran(nil)
	c.engine.Close()
	c.lib.seen.end(code)
	proc.Drain()
	return code
}

// answerPause is how long a process must have had its job before it can say where it is. Until then a report has only
// what it waits for.
const answerPause = time.Second / 2

// prepare makes a prestarted child ready. The first use of a page of memory, or of the program's file, takes longer than
// most of what is done with it. So prepare doesn't only make the engine: it runs a whole job, by which the pages are
// used.
func (c *childEngine) prepare(w *proc.Waiting) {
	child = new(proc.Self) // to be replaced by the real one
	proc.CatchQuit()
	settle()
	c.make(ownRights(0))
	readySince = trace.NewClock().Now()
	w.Ready()
	if c.err != nil {
		return
	}
	c.engine.Host().Expect(sampleSource)
	for round := 0; ; {
		if !w.Called() && round < rounds {
			if round++; round == rounds {
				w.Trim()
			}
			// Nothing of it lasts, and there is no output yet.
			if c.lib.unpackSelf(&proc.Self{Payload: sample}) == nil {
				c.lib.runSelf()
			}
			continue
		}
		note, ok := w.Next()
		if !ok {
			return
		}
		if name, text, ok := cutSource(note); ok {
			c.engine.Host().Expect(luabind.Source{Name: name, Text: text})
		}
	}
}

// readySince is a fact about this process: when it was ready for a job, on the clock of
// recordings; 0: it never waited for one.
var readySince int64

// rounds is how often prepare runs a job, with Trim before the last one; the garbage
// of the last one isn't collected. One more or less makes no difference that can be measured
// (scripts/bench, 2 cores, Linux VM, Go 1.26.8: first line 692, 676 and 782 µs for one,
// two and three, 608, 582 and 625 when measured again; memory the same). Without Trim
// start() and join() took a fifth longer, and an idle child half a megabyte more after
// a collection.
const rounds = 2

// sample is the snapshot of a small job, which every engine with this module unpacks
// alike. TestSample makes it.
//
//go:embed sample.snapshot
var sample []byte

// sampleSource is the chunk of its target.
var sampleSource = luabind.Source{
	Name: "=(sample)",
	Text: "return function(a, b) print(a .. tostring(b.name), #b) end",
}

// told is a fact about this process: the sources that its prestarted workers have
// been told to compile.
var told struct {
	sync.Mutex
	sources map[luabind.Source]bool
	size    int
}

// maxTold is how many bytes of sources workers are told at most. A program that loads new ones all the time would gain
// nothing.
const maxTold = 1 << 20

// tellSources has prestarted workers, present and future ones, compile the sources of a
// snapshot: the next snapshot will most likely need the same.
func tellSources(list []luabind.Source) {
	told.Lock()
	defer told.Unlock()
	for _, s := range list {
		if told.sources[s] || told.size+len(s.Text) > maxTold {
			continue
		}
		if told.sources == nil {
			told.sources = map[luabind.Source]bool{}
		}
		told.sources[s] = true
		told.size += len(s.Text)
		note := binary.AppendUvarint(nil, uint64(len(s.Name)))
		proc.Note(append(append(note, s.Name...), s.Text...))
	}
}

// cutSource takes apart what tellSources has put together.
func cutSource(note []byte) (name, text string, ok bool) {
	b, rest, err := cutBytes(note)
	return string(b), string(rest), err == nil
}
