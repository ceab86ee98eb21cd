package pool

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"time"

	"luaspawn/proc/internal/fds"
	"luaspawn/proc/ipc"
)

const dozeTime = 10 * time.Millisecond

// From so many results of tiny tasks on, found at one time, pump dozes before it looks again: to look takes the memory away from the
// processor of the worker that writes there, and to pass on one result takes as long as to pass on some hundred.
const manyTiny = 64

// pump reads what comes from all workers, and calls their Events, until Close.
func (t *Processes) pump() {
	defer close(t.pumped)
	asleep, quiet := uint64(parked), true // quiet: nothing has come since it looked out
	soon := func() bool {
		runtime.Gosched() // lets goroutines run that wait for what was told
		return t.relieved.Load()
	}
	for !t.closed.Load() {
		switch news, tiny := t.tell(); {
		case news:
			if asleep, quiet = dozing, false; tiny >= manyTiny {
				t.sleep(dozing, (*link).nearlyThrough)
			}
		case !quiet:
			quiet = !t.lookOut(soon)
		case t.sleep(asleep, (*link).hasNews): // nothing has come while it dozed: now it sleeps until a worker notifies it
			asleep = parked
		}
	}
}

// LookOut implements Transport. During a call of it no worker wakes pump.
func (t *Processes) LookOut() (news bool) {
	t.telling.Lock()
	t.lookouts++
	t.relieved.Store(true)
	t.say(awake)
	t.telling.Unlock()
	news = t.lookOut(func() bool { return false })
	t.telling.Lock()
	defer t.telling.Unlock()
	if t.lookouts--; t.lookouts == 0 {
		t.relieved.Store(false)
		t.say(t.asleep)
		more, _ := t.drainAll() // pump was not notified of what is there
		news = news || more
	}
	return news
}

// lookOut spins for a moment until something comes, as a worker does for its next request: so two sides that
// talk by turns need no notifiers. It passes on what comes, and reports whether there was
// anything.
func (t *Processes) lookOut(enough func() bool) (news bool) {
	for until := t.clock.now() + moment; t.clock.now() < until && !enough(); {
		if news, _ := t.tell(); news {
			return true
		}
		fds.Yield()
	}
	return false
}

// tell passes on what has come from workers, and reports whether there was anything. tiny is how many results came behind others of
// their chunks.
func (t *Processes) tell() (news bool, tiny int) {
	t.telling.Lock()
	defer t.telling.Unlock()
	return t.drainAll()
}

func (t *Processes) drainAll() (news bool, tiny int) {
	for _, l := range t.list() {
		some, n := t.drain(l)
		news, tiny = news || some, tiny+n
		select {
		case <-l.dead:
			t.endOf(l)
			news = true
		default:
		}
	}
	return news, tiny
}

// list returns the links. Nobody changes the list.
func (t *Processes) list() []*link {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.links
}

// say writes into the workers' memory whether pump is awake, so that they know whether to notify it. Its caller holds telling, under
// which links are closed too.
func (t *Processes) say(how uint64) {
	for _, l := range t.list() {
		l.segment.shared(wordParentSleeps).Store(how)
	}
}

func (l *link) hasNews() bool {
	return !l.results.empty() || l.segment.shared(wordFinished).Load() != l.finished
}

// nearlyThrough says whether the worker, which pump knows to have chunks, has only few now.
func (l *link) nearlyThrough() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent > l.finished && l.sent-l.segment.shared(wordFinished).Load() < depth/2
}

// sleep sleeps until pump is notified, if no link has what it must not sleep for. It returns true if pump dozed, and was not
// notified in time.
func (t *Processes) sleep(how uint64, has func(*link) bool) (overslept bool) {
	if !t.lieDown(how, has) {
		return false
	}
	until := time.Time{}
	if how == dozing {
		until = time.Now().Add(dozeTime)
	}
	notified := sleepAt(t.notifier, until)
	t.lieDown(awake, nil)
	return !notified
}

// lieDown tells the workers how pump is about to sleep. It returns false if then a link has what pump must not sleep for.
func (t *Processes) lieDown(how uint64, has func(*link) bool) bool {
	t.telling.Lock()
	defer t.telling.Unlock()
	t.asleep = how
	if t.lookouts > 0 {
		return true // who looks out says it when that is over
	}
	t.say(how)
	if how != awake && slices.ContainsFunc(t.list(), has) {
		t.asleep = awake
		t.say(awake)
		return false
	}
	return true
}

// drain does what tell does, for one worker.
func (t *Processes) drain(l *link) (news bool, tiny int) {
	// First what is finished: what was reported before that is in the ring then.
	finished := l.segment.shared(wordFinished).Load()
	r := &l.results
	head := r.head.Load()
	if head == r.at && finished == l.finished {
		return false, 0
	}
	reports := t.reports[:0]
	ready, failed := false, false
	var failure []byte
	if head != r.at {
		room := t.room(int(head - r.at)) // for everything that is in the ring, where it takes more bytes than here
		l.mu.Lock()
		for r.at != head {
			tag, body, _ := r.read()
			kind, slot, task := takeTag(tag)
			from := len(room)
			if kind == tagResult && tag&(inFile|withFiles) == 0 {
				l.held[slot].got = task + 1
				room = AppendTask(room, body)
				if n := len(reports); n > 0 && reports[n-1].follows(l.held[slot].id, task) {
					last := &reports[n-1]
					last.N++
					tiny++
					last.Data = room[from-len(last.Data) : len(room) : len(room)]
				} else {
					reports = append(reports, Report{Chunk: l.held[slot].id, Task: task, N: 1, Data: room[from:len(room):len(room)]})
				}
				continue
			}
			room = append(room, body...)
			report := Report{Chunk: l.held[slot].id, Task: task, Failed: kind == tagFailure, Unsent: kind == tagUnsent, Data: room[from:len(room):len(room)]}
			if tag&(inFile|withFiles) != 0 {
				data, body, files, err := t.recv(l)
				if tag&inFile != 0 {
					report.Data, report.Body = data, body
				} else if body != nil {
					body.Close()
				}
				report.Files = files
				if err != nil {
					report.Failed, report.Unsent, report.Data = false, true, []byte(err.Error())
				}
			}
			switch kind {
			case tagReady:
				ready = true
			case tagFailed:
				failed, failure = true, report.Data
			default:
				l.held[slot].got = task + 1
				reports = append(reports, report)
			}
		}
		l.mu.Unlock()
		t.left = room[len(room):]
		r.free()
		if l.segment.shared(wordWorkerSleeps).Load() == forRoom {
			l.wake()
		}
	}
	switch {
	case failed:
		l.events.Failed(failure)
	case ready:
		l.events.Ready()
	}
	if len(reports) > 0 {
		l.events.Reported(reports)
		clear(reports)
		t.reports = reports
	}
	for at := l.finished; at < finished; at++ {
		slot := int(at % slots)
		l.mu.Lock()
		spent := time.Duration(l.segment.spent(slot).Load())
		id := l.held[slot].id
		l.finished++
		l.mu.Unlock()
		l.events.Finished(id, spent)
	}
	return true, tiny
}

// recv receives what a worker has sent through its pipe. Also after an error the next call receives what was sent next.
func (t *Processes) recv(l *link) (data []byte, body *ipc.Body, files []*os.File, err error) {
	if t.bodies {
		data, body, files, err = l.pipe.RecvBody(context.Background())
	} else {
		data, files, err = l.pipe.Recv(context.Background())
	}
	var room *ipc.RoomError
	if errors.As(err, &room) {
		l.pipe.Drop()
	}
	return data, body, files, err
}

// room returns an empty slice with room for n bytes: the rest of the one before, or a new one.
func (t *Processes) room(n int) []byte {
	if cap(t.left) < n {
		t.left = make([]byte, 0, max(n, roomSize))
	}
	return t.left[:0]
}

const roomSize = 128 << 10 // whoever keeps one result keeps the memory of its room: so rooms are small

// follows says whether a task comes right after the tasks that r reports as a list.
func (r *Report) follows(chunk uint64, task int) bool {
	return r.N > 0 && r.Chunk == chunk && r.Task+r.N == task
}

// endOf passes on the last reports of a worker that has ended, and its end.
func (t *Processes) endOf(l *link) {
	t.drain(l)
	t.mu.Lock()
	t.links = slices.DeleteFunc(slices.Clone(t.links), func(other *link) bool { return other == l })
	t.mu.Unlock()
	l.mu.Lock()
	running, ran := l.running()
	l.mu.Unlock()
	code, _ := l.process.ExitCode()
	memory := l.close()
	l.events.Gone(code, running, ran)
	memory.unmap() // takes a while, for which nobody has to wait
}
