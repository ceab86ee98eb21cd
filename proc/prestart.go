package proc

import (
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"luaspawn/proc/internal/wire"
)

// KeepReady says how many children at most are kept ready: started, prepared,
// and waiting for what Start will tell them. 0 is none, and ends those there are,
// as Drain does; a negative number is what holds without a call: a number that
// follows the processors and the memory of the machine.
//
// A program calls it before Init if it is to hold in its children too.
func KeepReady(atMost int) {
	ready.mu.Lock()
	ready.atMost, ready.set = atMost, atMost >= 0
	gone := ready.drop(ready.limit())
	ready.mu.Unlock()
	await(gone)
	if atMost == 0 {
		Drain() // also the one that is being made
	}
}

// Drain ends the children that are kept ready and returns when they have been
// reaped. A later Start begins to keep some again. A program calls it before it
// exits if whoever adopts its orphans shall not have to reap them; they end in
// any case when the program does. It returns how many there were.
func Drain() int {
	ready.mu.Lock()
	for ready.expecting > 0 {
		ready.awaitChange()
	}
	ready.prune()
	gone := slices.Clone(ready.all)
	ready.drop(0)
	ready.dropEarly()
	if ready.making != nil {
		ready.making.child.Kill()
	}
	for ready.filling && !ready.stop() {
		ready.awaitChange()
	}
	ready.reader.close()
	ready.mu.Unlock()
	await(gone)
	return len(gone)
}

func await(gone []*worker) {
	for _, s := range gone {
		<-s.gone
	}
}

// Ready returns the process ids of the children that are kept ready, are being
// made so, or were let go and have not ended, for a program that looks at the
// processes below it. None of them is among Children.
func Ready() []int {
	ready.mu.Lock()
	defer ready.mu.Unlock()
	for ready.launching || ready.expecting > 0 {
		ready.awaitChange()
	}
	ready.prune()
	var pids []int
	for _, s := range ready.all {
		pids = append(pids, s.child.Pid)
	}
	return pids
}

// Note tells something that the jobs to come may need to the children that are
// kept ready, and to those that will be: each gets it from Waiting.Next. It
// doesn't wait. At most maxNotes bytes are remembered, the latest.
func Note(note []byte) {
	if len(note) > maxNotes {
		return
	}
	ready.mu.Lock()
	defer ready.mu.Unlock()
	ready.notes = append(ready.notes, note)
	ready.noted++
	ready.noteSize += len(note)
	for ready.noteSize > maxNotes {
		ready.noteSize -= len(ready.notes[0])
		ready.notes = ready.notes[1:]
	}
	ready.refill()
}

// maxNotes is how many bytes of notes are remembered.
const maxNotes = 4 << 20

// The rules of growth. What makes starts wait is that there are more of them than
// prestarted workers, so each that finds none doubles their number; what is idle for
// a while isn't needed. A program that starts one child wastes at most one, and
// none if it ends before the pause is over: neither is any made while the
// processors are needed for a child that was just started. A child itself makes none
// for its first two starts: in a tree of processes, each of which starts two, there
// would be as many that nobody takes as there are that start others.
const (
	pause    = 5 * time.Millisecond // from a start to the making of the next prestarted worker
	patience = 30 * time.Second     // for a child to become ready
	idle     = time.Second          // without a start, until half of them are let go
	last     = time.Minute          // without a start, until the last one is
	failures = 3                    // in a row, until no more are made before the next start
	spared   = 2                    // starts in a child, until some are made
)

// ready is a fact about this process: its prestarted workers.
var ready prestarted

// prestarted are the workers of this process.
type prestarted struct {
	mu      sync.Mutex
	atMost  int  // how many are kept, if set
	set     bool // else the machine decides
	want    int  // how many there should be; at most that many
	spare   int  // starts that find none and change nothing
	waiting []*worker
	made    *inherited  // what those in waiting have from us; nil: there are none
	filling bool        // fill is about to run, or runs
	pausing *time.Timer // calls fill
	making  *worker     // by fill, or told notes
	all     []*worker   // those that nobody has taken, in the order in which they were made

	launching bool        // there is a child that isn't in all yet
	changed   sync.Cond   // filling or launching has become false
	failed    int         // ended before they were ready, in a row
	started   time.Time   // when the last start was
	idling    *time.Timer // calls shrink

	expecting int     // children that are being started early, see Expect
	early     []early // those that were, and that nobody has taken

	standing *os.File // what each gets before its job; nil: nothing
	reader   inheritedReader
	notes    [][]byte // the latest
	noteSize int      // bytes of notes
	noted    int      // how many there were ever
}

// awaitChange waits, with mu held, until filling or launching may have become false.
func (n *prestarted) awaitChange() {
	n.changed.L = &n.mu // not in an initializer of the package, which every child would run
	n.changed.Wait()
}

// Wake says that Start is about to be called. The child that Start will take wakes
// up meanwhile, and for a moment looks out for its job instead of sleeping. Nothing
// comes of it if Start is not called.
func Wake() { ready.wake() }

func (n *prestarted) wake() {
	const enough = 16 // of what a child doesn't read, so that there is room for a job
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.waiting) > 0 && n.waiting[0].woken < enough {
		n.waiting[0].woken++
		n.waiting[0].channel.wake()
	}
}

// take returns the child that has been ready for longest, and what it has from us;
// nil if there is none, which makes no difference for a lasting one. Those made from
// now on have standing.
func (n *prestarted) take(standing *os.File, lasting bool) (*worker, *inherited) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.standing = standing
	if !canKeepReady || n.limit() == 0 {
		return nil, nil
	}
	n.started = time.Now()
	n.failed = 0
	if len(n.waiting) == 0 && lasting {
		return nil, nil
	}
	if len(n.waiting) == 0 && n.spare > 0 {
		n.spare--
		return nil, nil
	}
	if len(n.waiting) == 0 {
		n.want = min(max(1, 2*n.want), n.limit())
		return nil, nil
	}
	s := n.waiting[0]
	n.waiting = slices.Delete(n.waiting, 0, 1)
	n.all = slices.DeleteFunc(n.all, func(other *worker) bool { return other == s })
	return s, n.made
}

// check reports whether a child that was made so is what one made now would be. If
// not, all that wait are let go.
func (n *prestarted) check(made *inherited) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	same := n.reader.inherit().equal(made)
	if !same {
		n.drop(0) // what has changed once may change before each start
	}
	return same
}

// replace makes up for a child that was taken, or was not there. It is called when
// that one has begun: a timer wakes threads.
func (n *prestarted) replace() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.refill()
}

// letGo ends a child that was taken and has not begun.
func (n *prestarted) letGo(s *worker) {
	n.mu.Lock()
	n.all = append(n.all, s)
	n.mu.Unlock()
	s.discard()
}

// limit returns how many are kept at most.
func (n *prestarted) limit() int {
	if !n.set {
		n.atMost, n.set = machineLimit(), true
	}
	return n.atMost
}

// machineLimit is 16 a processor, in no more than a 64th of the memory and of
// the descriptors that this process may have.
func machineLimit() int {
	const memoryEach, filesEach = 8 << 20, 2
	return int(min(16*uint64(runtime.GOMAXPROCS(0)), memory()/64/memoryEach, openFiles()/64/filesEach))
}

// drop keeps that many, and returns the others, which have been told to end.
func (n *prestarted) drop(keep int) (gone []*worker) {
	n.want = min(n.want, keep)
	if over := len(n.waiting) - keep; over > 0 {
		gone = slices.Clone(n.waiting[:over])
		n.waiting = slices.Delete(n.waiting, 0, over)
	}
	for _, s := range gone {
		s.discard()
	}
	return gone
}

// refill makes as many as are wanted, after a pause.
func (n *prestarted) refill() {
	if n.filling || n.failed >= failures || len(n.waiting) >= n.want && n.behind() < 0 {
		return
	}
	n.filling = true
	n.pausing = time.AfterFunc(pause, n.fill)
}

// stop keeps fill from running, if it does not yet.
func (n *prestarted) stop() bool {
	if n.pausing.Stop() {
		n.filling = false
	}
	return !n.filling
}

// behind returns which of those that wait has not got all notes, or -1.
func (n *prestarted) behind() int {
	return slices.IndexFunc(n.waiting, func(s *worker) bool { return s.noted < n.noted })
}

func (n *prestarted) fill() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		if i := n.behind(); i >= 0 {
			s := n.waiting[i]
			n.waiting = slices.Delete(n.waiting, i, i+1)
			n.settle(s, n.made, n.tellNotes(s))
		} else if len(n.waiting) < n.want && n.failed < failures {
			n.make()
		} else {
			break
		}
	}
	n.filling = false
	n.changed.Broadcast()
	if n.idling == nil {
		n.idling = time.AfterFunc(idle, n.shrink)
	} else {
		n.idling.Reset(idle)
	}
}

// make makes one more.
func (n *prestarted) make() {
	n.launching = true
	n.mu.Unlock()
	s, made, err := n.launch()
	n.mu.Lock()
	n.launching = false
	n.changed.Broadcast()
	if err != nil {
		n.failed++
		return
	}
	n.prune()
	n.all = append(n.all, s)
	n.making = s
	if n.want == 0 { // drained meanwhile
		s.child.Kill()
	}
	n.mu.Unlock()
	since := time.Now()
	err = s.hear(wire.Ready, func() bool { return time.Since(since) < patience }) // else it is stopped, say
	n.mu.Lock()
	n.making = nil
	if err == nil {
		err = n.tellNotes(s)
	}
	n.settle(s, made, err)
}

// prune forgets those that have ended.
func (n *prestarted) prune() {
	n.all = slices.DeleteFunc(n.all, (*worker).isGone)
}

// tellNotes tells s what it has not been told. Like make, it gives up the lock
// while it waits.
func (n *prestarted) tellNotes(s *worker) error {
	todo := n.notes[max(0, len(n.notes)-(n.noted-s.noted)):]
	s.noted = n.noted
	n.making = s
	n.mu.Unlock()
	var err error
	for _, note := range todo {
		if err = s.channel.sendFiles(nil, wire.AppendNote(nil, len(note)), note); err != nil {
			break
		}
	}
	n.mu.Lock()
	n.making = nil
	return err
}

// settle puts s among those that wait, if it is still wanted.
func (n *prestarted) settle(s *worker, made *inherited, err error) {
	if err != nil {
		n.failed++
	} else {
		n.failed = 0
		if !made.equal(n.made) {
			want := min(n.want, 1) // none, if they were drained since it became ready
			n.drop(0)
			n.want, n.made = want, made
		}
	}
	if err != nil || len(n.waiting) >= n.want {
		s.discard()
		n.mu.Unlock()
		await([]*worker{s})
		n.mu.Lock()
		return
	}
	n.waiting = append(n.waiting, s)
	s.atEnd(func(int) { n.lost(s) }) // called now if it has ended
}

// launch starts a child that waits. Its streams come with its job; until
// then it has none.
func (n *prestarted) launch() (*worker, *inherited, error) {
	if scarceThreads() {
		return nil, nil, errThreads // those that have a job had better have them
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	defer null.Close()
	// The one that starts it is the thread that is asked.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	n.mu.Lock()
	made, standing := n.reader.inherit(), n.standing
	n.mu.Unlock()
	files := []*os.File{null, null}
	for _, o := range made.open {
		// Nothing else there may take this number.
		for len(files) < o.number {
			files = append(files, nil)
		}
		files[o.number-1] = null
	}
	// One processor of the runtime from the beginning: for a second one it gets
	// memory of each kind too, 400 KB, and that is touched once more to take it away.
	environ := made.environ
	single := !slices.ContainsFunc(environ, isOf(maxProcs))
	if single {
		environ = append(slices.Clip(environ), oneProc)
	}
	s, err := launch(environ, false, files...) // it leaves our group itself, and knows which one that was
	if err != nil {
		return nil, nil, err
	}
	s.channel.goOn = s.runs // or else what it is told, and who says that, would wait for somebody who stopped it
	var with []*os.File
	if s.has = standing; standing != nil {
		with = append(with, standing)
	}
	if err := s.channel.sendFiles(with, wire.AppendWait(nil, single, standing != nil)); err != nil {
		s.discard()
		return nil, nil, err
	}
	return s, made, nil
}

// maxProcs is the variable that the runtime looks at when it begins, oneProc how a
// prestarted worker finds it.
const (
	maxProcs = "GOMAXPROCS"
	oneProc  = maxProcs + "=1"
)

// lost is called when a child has ended that waits. One that was taken out
// meanwhile is looked after by whoever did it: its last words may be wanted.
func (n *prestarted) lost(s *worker) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if i := slices.Index(n.waiting, s); i >= 0 {
		n.waiting = slices.Delete(n.waiting, i, i+1)
		s.channel.Close()
		n.refill()
	}
}

// shrink lets half of them go if there was no start for a while.
func (n *prestarted) shrink() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.waiting) == 0 && !n.filling {
		n.reader.close()
		return
	}
	since := time.Since(n.started)
	if n.filling || since < idle {
		n.idling.Reset(idle)
		return
	}
	keep := n.want / 2
	if keep == 0 && since < last {
		keep = 1
	}
	n.drop(keep)
	n.idling.Reset(idle)
}
