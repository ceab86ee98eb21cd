package remote

import (
	"slices"
	"sync"
	"time"

	"luaspawn/proc/internal/alarm"
	"luaspawn/proc/pool"
)

// hostLink is a worker as its host sees it. What the worker reports goes to the script. What the script asks of the worker waits
// until the worker is started, and the blob that it needs is there.
type hostLink struct {
	host *Host
	id   uint64

	mu     sync.Mutex
	link   pool.Link // nil: the worker is being started
	queue  []waiting // what the script has asked for, in its order
	asked  bool      // the blob that the first of them needs was asked for
	began  bool      // the worker is being started
	ended  bool      // it was terminated or killed
	gone   bool
	ready  bool
	late   bool // it was killed for a task: one that took too long, or that nobody wants any more
	chunks []hostChunk
	later  []laterChunk          // chunks, in their order, that wait until the worker has room
	stop   bool                  // the worker is to stop after those
	owed   map[uint64]*pool.Blob // of calls whose first chunk the worker never got
	heard  time.Time
	alarm  alarm.Alarm // calls tick
}

// waiting is something that the script has asked for, with the blob that it needs.
type waiting struct {
	needs *hash // nil: none
	blob  *pool.Blob
	do    func(blob *pool.Blob)
}

// hostChunk is a chunk that the worker has.
type hostChunk struct {
	pool.Held
	call uint64
}

// laterChunk is a chunk that waits until the worker has done others, with its call's blob.
type laterChunk struct {
	pool.Chunk
	blob *pool.Blob
}

func (c laterChunk) close() {
	if c.Body != nil {
		c.Body.Close()
	}
}

// do has something done after all that was asked for earlier.
func (l *hostLink) do(needs *hash, what func(blob *pool.Blob)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := waiting{needs: needs, do: what}
	if needs != nil {
		w.blob = l.host.blob(*needs)
	}
	l.queue = append(l.queue, w)
	l.run()
}

// run does what the queue asks for, as far as the blobs are there. It starts the worker first.
func (l *hostLink) run() {
	for len(l.queue) > 0 && !l.gone && (l.link != nil || !l.began) {
		w := l.queue[0]
		if w.needs != nil && w.blob == nil {
			if !l.asked {
				l.asked = true
				l.host.need(*w.needs)
			}
			return
		}
		l.queue = l.queue[1:]
		l.asked, l.began = false, true
		w.do(w.blob)
	}
}

// blobCame is called when a blob has come, for which this worker may wait.
func (l *hostLink) blobCame(sum hash, b *pool.Blob) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.queue {
		if n := l.queue[i].needs; n != nil && *n == sum {
			l.queue[i].blob = b
		}
	}
	l.run()
}

// send hands a chunk to the worker, or keeps it for later.
func (l *hostLink) send(c pool.Chunk, blob *pool.Blob) {
	if len(l.later) > 0 || l.full() {
		l.later = append(l.later, laterChunk{c, blob})
		return
	}
	l.hand(c, blob)
}

// next hands over the chunks in later, as far as there is room, and stops the worker after them, if it is to stop.
func (l *hostLink) next() {
	for len(l.later) > 0 && !l.full() {
		c := l.later[0]
		l.later = l.later[1:]
		l.hand(c.Chunk, c.blob)
	}
	if len(l.later) == 0 && l.stop {
		l.stop = false
		l.link.Stop()
	}
}

// full says whether the worker takes no further chunk now.
func (l *hostLink) full() bool {
	if w, ok := l.link.(pool.Wide); ok {
		return w.Full()
	}
	return len(l.chunks) >= l.host.transport.Depth()
}

func (l *hostLink) hand(c pool.Chunk, blob *pool.Blob) {
	l.chunks = append(l.chunks, hostChunk{pool.Held{ID: c.ID, Timeout: c.Timeout}, c.Call})
	if len(l.chunks) == 1 {
		l.heard = time.Now()
	}
	if owed := l.owed[c.Call]; owed != nil {
		blob = owed
		delete(l.owed, c.Call)
	}
	err := l.link.Send(c, blob)
	laterChunk{Chunk: c}.close()
	if err != nil {
		l.chunks = l.chunks[:len(l.chunks)-1]
		l.undelivered(c, blob, err)
		return
	}
	if c.Timeout > 0 {
		l.alarm.Set(time.Now().Add(c.Timeout))
	}
}

// undelivered tells the script that this machine could not give the worker a chunk, and why.
func (l *hostLink) undelivered(c pool.Chunk, blob *pool.Blob, why error) {
	l.owe(c, blob)
	var list []pool.Report
	for i := range c.N {
		list = append(list, pool.Report{Chunk: c.ID, Task: i, Undelivered: true, Data: []byte(why.Error())})
	}
	l.host.tell(appendReports(say(tellReports).num(l.id), list))
	l.host.tell(say(tellFinished).num(l.id).num(c.ID).num(0))
}

// owe remembers the blob of a chunk that the worker never gets, for the next chunk of the same call.
func (l *hostLink) owe(c pool.Chunk, blob *pool.Blob) {
	if blob == nil || c.Only {
		return
	}
	if l.owed == nil {
		l.owed = map[uint64]*pool.Blob{}
	}
	l.owed[c.Call] = blob
}

// takeBack gives back to the script those tasks of a chunk that the worker has not begun.
func (l *hostLink) takeBack(chunk uint64, n int, asked bool) {
	if i := slices.IndexFunc(l.later, func(c laterChunk) bool { return c.ID == chunk }); i >= 0 {
		c := &l.later[i]
		n = min(n, c.N)
		c.N -= n
		l.host.tell(say(tellReturned).num(l.id).num(chunk).num(uint64(n)))
		if c.N == 0 {
			l.owe(c.Chunk, c.blob)
			c.close()
			l.later = slices.Delete(l.later, i, i+1)
			l.host.tell(say(tellFinished).num(l.id).num(chunk).num(0))
		}
		return
	}
	if n = l.link.TakeBack(chunk, n); n > 0 || asked {
		l.host.tell(say(tellReturned).num(l.id).num(chunk).num(uint64(max(0, n))))
	}
}

// drop gives back all tasks of a call that the worker has not begun, the last first.
func (l *hostLink) drop(call uint64) {
	for i := len(l.later) - 1; i >= 0; i-- {
		if c := l.later[i]; c.Call == call {
			l.takeBack(c.ID, c.N, false)
		}
	}
	for i := len(l.chunks) - 1; i >= 0; i-- {
		if c := l.chunks[i]; c.call == call {
			l.takeBack(c.ID, maxTasks, false)
		}
	}
}

// giveBack gives back all tasks that the worker has and has not begun, the last first.
func (l *hostLink) giveBack() {
	for i := len(l.chunks) - 1; i >= 0; i-- {
		l.takeBack(l.chunks[i].ID, maxTasks, false)
	}
}

// abort kills the worker if it runs a task of a call of which it has nothing else. What it has of other calls is given back before,
// so that it isn't lost.
func (l *hostLink) abort(call uint64) {
	runs := func() bool {
		r, ok := l.link.Running()
		return ok && slices.ContainsFunc(l.chunks, func(c hostChunk) bool { return c.ID == r.Chunk && c.call == call })
	}
	if l.ended || l.late || !runs() {
		return
	}
	l.giveBack()
	if runs() {
		l.late = true
		l.link.Kill()
	}
}

// finish ends the worker at once, whatever is in the queue.
func (l *hostLink) finish(kill bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	switch {
	case l.gone:
	case !l.began: // it was never started, and won't be
		l.gone = true
		l.host.tell(appendGone(say(tellGone).num(l.id), -9, pool.Task{}, false))
		go l.remove()
	case l.link == nil: // start sees it
	case kill:
		l.link.Kill()
	default:
		l.link.Terminate()
	}
}

// remove forgets the worker.
func (l *hostLink) remove() {
	h := l.host
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.links, l.id)
	h.cond.Broadcast()
}

// tick kills a worker whose task takes too long, as the pool does with local ones.
func (l *hostLink) tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alarm.Rang()
	if l.gone || l.ended || l.late || l.link == nil {
		return
	}
	var held []pool.Held
	for _, c := range l.chunks {
		held = append(held, c.Held)
	}
	late, ok, next := pool.Overdue(l.link, held, l.ready, l.heard, l.giveBack)
	if ok {
		l.late = true
		l.host.tell(say(tellTimedOut).num(l.id).num(late.Chunk).num(uint64(late.At)))
		l.link.Kill()
	} else if !next.IsZero() {
		l.alarm.Set(next)
	}
}

// Ready implements pool.Events.
func (l *hostLink) Ready() {
	l.mu.Lock()
	l.ready = true
	l.mu.Unlock()
	l.host.tell(say(tellReady).num(l.id))
}

// Failed implements pool.Events.
func (l *hostLink) Failed(reason []byte) {
	l.host.tell(say(tellFailed).num(l.id).bytes(reason))
}

// Reported implements pool.Events.
func (l *hostLink) Reported(list []pool.Report) {
	l.mu.Lock()
	l.heard = time.Now()
	l.mu.Unlock()
	from := 0 // list[from:] has not been told yet
	tell := func(end int) {
		if end > from {
			l.host.tell(appendReports(say(tellReports).num(l.id), list[from:end]))
		}
		from = end + 1
	}
	for i := range list {
		r := &list[i]
		why := ""
		switch {
		case len(r.Files) > 0:
			why = "it has locks, queues or sockets, which live on the worker's machine"
		case len(r.Data) > maxData || r.Body != nil && r.Body.Len() > maxData:
			why = errTooLong.Error()
		case r.Body != nil:
			tell(i)
			l.host.tellBody(appendReportHead(say(tellReports).num(l.id), *r, r.Body.Len()), r.Body)
			continue
		default:
			continue
		}
		for _, f := range r.Files {
			f.Close()
		}
		if r.Body != nil {
			r.Body.Close()
		}
		*r = pool.Report{Chunk: r.Chunk, Task: r.Task, Unsent: true, Data: []byte(why)}
	}
	tell(len(list))
}

// Finished implements pool.Events.
func (l *hostLink) Finished(chunk uint64, spent time.Duration) {
	l.mu.Lock()
	l.heard = time.Now()
	l.chunks = slices.DeleteFunc(l.chunks, func(c hostChunk) bool { return c.ID == chunk })
	if !l.ended && !l.late && l.link != nil {
		l.next()
	}
	l.mu.Unlock()
	l.host.tell(say(tellFinished).num(l.id).num(chunk).num(uint64(max(0, spent))))
}

// Gone implements pool.Events.
func (l *hostLink) Gone(code int, running pool.Task, ran bool) {
	l.mu.Lock()
	l.gone = true
	l.alarm.Stop()
	for _, c := range l.later {
		c.close()
	}
	l.later = nil
	l.mu.Unlock()
	l.host.tell(appendGone(say(tellGone).num(l.id), code, running, ran))
	l.remove()
}

// Returned, TimedOut and Vanished are told by remote transports only.
func (*hostLink) Returned(uint64, int) {}
func (*hostLink) TimedOut(pool.Task)   {}
func (*hostLink) Vanished(error)       {}
