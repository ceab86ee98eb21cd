package multiprocessing

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/vm"
	"luaspawn/luabind/lib/multiprocessing/internal/board"
	"luaspawn/luabind/lib/signal"
	"luaspawn/proc"
)

// own is a fact about this process: its place on the board, which is in the file of the log
// of definitions, before that. All processes that came from one have it.
var own struct {
	sync.Mutex
	board *board.Board
	slot  int         // 0: it has none
	page  *board.Page // nil: nothing has waited here yet
	lib   *library    // whose waits are there: of several engines those of the first that waits
	tried bool        // there can be no page, or there is one
}

// theBoard returns the board; nil: this process has none.
func theBoard() *board.Board {
	own.Lock()
	defer own.Unlock()
	return openBoard()
}

func openBoard() *board.Board {
	if own.board == nil {
		own.board = tree.board()
	}
	return own.board
}

// board opens the board in the file of the log.
func (d *treeDefinitions) board() *board.Board {
	d.Lock()
	defer d.Unlock()
	if d.begin(); d.log == nil || d.room == 0 {
		return nil
	}
	b, _ := board.Open(d.log.File())
	return b
}

// page returns the page on which lib writes what its script waits for; nil: there is none.
func (lib *library) page() *board.Page {
	own.Lock()
	defer own.Unlock()
	if own.lib == nil {
		own.lib = lib
	}
	if !own.tried {
		own.tried = true
		b := openBoard()
		if own.slot == 0 && child == nil {
			lib.enterMain(b)
		}
		own.page, _ = b.Page(own.slot)
	}
	if own.lib != lib {
		return nil
	}
	return own.page
}

// leavePage gives the page up, so that another engine can use it.
func (lib *library) leavePage() {
	own.Lock()
	defer own.Unlock()
	if own.lib == lib {
		own.lib = nil
	}
}

// enterMain enters this process, a main process, on the board.
func (lib *library) enterMain(b *board.Board) {
	own.slot = b.Enter(lib.current.name, board.Main)
	b.Started(own.slot, os.Getpid())
}

// enter enters a child on the board, before it is started.
func (lib *library) enter(name string, flags int) (slot int) {
	own.Lock()
	defer own.Unlock()
	b := openBoard()
	if own.slot == 0 && child == nil {
		lib.enterMain(b) // so that the tree has its root
	}
	return b.Enter(name, flags)
}

// leave gives the place of a child on the board back.
func (o *processState) leave() {
	if o.slot != 0 {
		theBoard().Leave(o.slot)
		o.slot = 0
	}
}

// look returns what the processes on the board do.
func look() []*board.Process {
	b := theBoard()
	all := b.Look()
	b.Reasons(all)
	if board.Deadlock(all) == nil {
		return all
	}
	// A process that has just got what it waited for may not have said so yet. A deadlock stays.
	<-time.After(100 * time.Millisecond)
	later := b.Look()
	b.Reasons(later)
	for _, p := range later {
		if !slices.ContainsFunc(all, func(q *board.Process) bool { return q.Pid == p.Pid && q.Turn == p.Turn }) {
			p.Why.Blocked = false
		}
	}
	return later
}

// ReportOnQuit has say called with the report of Reporter at each SIGQUIT (Ctrl-\). The run goes on. Children need no
// call of it. On Windows say is called at a Ctrl-Break, which ends the
// run if EndOnSignals comes after ReportOnQuit.
func ReportOnQuit(e *luabind.Engine, say func(report string)) {
	report := Reporter(e)
	proc.CatchQuit()
	proc.OnQuit(func() { say(report()) })
	atBreak = func() {
		say(report())
		waitForChildren(tracebackPatience) // they say where they are, too
	}
}

// atBreak is called at a Ctrl-Break, if it isn't nil. It is a fact about this process.
var atBreak func()

// waitForChildren waits until all children have ended, for patience at most.
func waitForChildren(patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, p := range proc.Children() {
		if p.Join(ctx) != nil {
			return
		}
	}
}

// Reporter returns a function that describes in words what this process and all its descendants do: which waits for
// which, since when and where in the script, and which of them are in a deadlock. Processes that can say where they are
// have a traceback. The function takes less than a second. Any goroutine may call it, except the script's. Reporter itself
// must be called while nobody else uses the engine e.
func Reporter(e *luabind.Engine) (report func() string) {
	ud, ok := glua.Named(inside.State(e).G.Registry, registryKey).(*lua.LUserData)
	if !ok {
		return func() string { return "" }
	}
	lib := ud.Value.(*library)
	lib.engine.AllowPosts()
	return lib.report
}

// tracebackPatience is how long other processes may take to say where they are.
const tracebackPatience = 400 * time.Millisecond

// report asks all processes where they are, and says what they do.
func (lib *library) report() string {
	if theBoard() == nil {
		return lib.whereabouts()
	}
	lib.page() // so that this process is there too
	all := look()
	asked := map[int]uint64{}
	for _, p := range all {
		if p.Slot != own.slot && p.State != 0 && p.State != 'T' && p.Begun {
			asked[p.Slot] = p.TextAt
			proc.SendQuit(p.Pid)
		}
	}
	mine := lib.sayWhere()
	texts := map[int]string{}
	for end := time.Now().Add(tracebackPatience); len(asked) > 0 && time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		gone := map[int]bool{}
		for slot := range asked {
			gone[slot] = true
		}
		for _, p := range theBoard().Look() {
			delete(gone, p.Slot)
			if before, ok := asked[p.Slot]; ok && p.TextAt != 0 && p.TextAt != before {
				texts[p.Slot] = p.Text
				delete(asked, p.Slot)
			}
		}
		for slot := range gone {
			delete(asked, slot)
		}
	}
	select {
	case texts[own.slot] = <-mine:
	case <-time.After(tracebackPatience):
	}
	for _, p := range all {
		p.Text = texts[p.Slot]
	}
	return board.Report(all, board.Options{Tracebacks: true})
}

// whereabouts returns where the script of this process is, if that can be found out soon. It is all that a report has if
// there is no board.
func (lib *library) whereabouts() string {
	text := "where it is can't be said: a function in Go runs"
	select {
	case where := <-lib.sayWhere():
		text = board.Traceback(where)
	case <-time.After(tracebackPatience):
	}
	return fmt.Sprintf("%s (%d):\n%s\n", lib.current.name, os.Getpid(), text)
}

// sayWhere returns a channel that receives where the script is, once the script gets to say so.
func (lib *library) sayWhere() <-chan string {
	text := make(chan string, 1)
	switch {
	case lib.waits.whereWaiting(func(t string) { text <- t }):
	case lib.engine.Running():
		lib.engine.Post(func(L *lua.LState) { text <- vm.Traceback(L, 0) })
	default:
		text <- ""
	}
	return text
}

// answerQuits has this process, a child, say where it is whenever it is asked.
func (lib *library) answerQuits() {
	signal.AtBreak(func() { lib.engine.WriteError(lib.whereabouts()) }, func() { proc.DieOf(signal.Break) })
	proc.OnQuit(func() {
		own.Lock()
		page := own.page
		own.Unlock()
		if page == nil {
			page = lib.page()
		}
		if page == nil {
			return
		}
		select {
		case text := <-lib.sayWhere():
			page.Say(text)
		case <-time.After(2 * tracebackPatience): // a function in Go computes
		}
	})
}

// whereWaiting calls say with the place where the script waits, if it does and can't be interrupted. The script stands
// still there as long as mu is held.
func (w *waits) whereWaiting(say func(string)) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.stack) == 0 || !w.quiet {
		return false
	}
	text := ""
	if L := inside.State(w.lib.engine).G.CurrentThread; L != nil {
		text = vm.Traceback(L, 0)
	}
	say(text)
	return true
}

// heldUp returns, in words, what a run that Ctrl-C has ended was waiting for; empty: no process has waited long for an
// object that processes share.
func heldUp(all []*board.Process) string {
	const long = time.Second
	if board.Longest(all) <= long {
		return ""
	}
	theBoard().Reasons(all)
	return board.Report(all, board.Options{Ended: true})
}

// forEver reports whether only other processes can end a wait: it has no timeout, and no handler or callback of the
// script can run meanwhile.
func (lib *library) forEver(timeout time.Duration) bool {
	return timeout < 0 && len(lib.pools.callbacks.of) == 0 && lib.engine.ExpectedPosts() <= programPosts
}

// programPosts is a fact about this process: how many of those who expect posts belong to the
// program itself, for Ctrl-C.
var programPosts int
