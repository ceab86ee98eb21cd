package signal

import (
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"

	"luaspawn/luabind"
)

// table is a fact about this process: who gets which signal.
var table struct {
	sync.Mutex
	incoming chan os.Signal // nil: nobody has asked for one yet
	caught   map[os.Signal]*library
	before   map[os.Signal]action // what the system did, before the first was caught

	ends          map[os.Signal]bool // see Ends
	end           func(os.Signal)
	atBreak       func() // see AtBreak
	interruptible *luabind.Host

	watchers map[chan<- os.Signal][]os.Signal // see Watch
}

// Watch is signal.Notify for a program, such as a prompt, that has something of its own to do at a signal: a
// script which has caught or ignored one of the list, and wants the default again, gives it back to ch.
func Watch(ch chan<- os.Signal, list ...os.Signal) (stop func()) {
	table.Lock()
	defer table.Unlock()
	if table.watchers == nil {
		table.watchers = map[chan<- os.Signal][]os.Signal{}
	}
	table.watchers[ch] = list
	signal.Notify(ch, list...)
	return func() {
		table.Lock()
		defer table.Unlock()
		delete(table.watchers, ch)
		signal.Stop(ch)
	}
}

// giveBack lets those who watch s have it again, and says whether there are any; the table is
// locked. Where they have it already nothing changes, and at no moment does nobody have it.
func giveBack(s os.Signal) bool {
	watched := false
	for ch, list := range table.watchers {
		if slices.Contains(list, s) {
			notify(ch, s)
			watched = true
		}
	}
	return watched
}

// Ends lets do be called when a signal of a list has come that no script has caught, each
// time on a goroutine of its own. One that this program was started with as ignored, as
// nohup does, and a shell for SIGINT in the background, stays so, until a script says
// otherwise. Interrupts is the engine in which the first SIGINT is an error that a script may
// catch; nil: there is none. Ends is called once.
func Ends(list []os.Signal, interrupts *luabind.Host, do func(os.Signal)) {
	table.Lock()
	defer table.Unlock()
	listen()
	table.end, table.interruptible = do, interrupts
	table.ends = map[os.Signal]bool{}
	for _, s := range list {
		table.ends[s] = true
		if table.caught[s] == nil && !isIgnored(s) {
			notify(table.incoming, s)
		}
	}
}

// AtBreak lets say be called at a Ctrl-Break that no script has caught, before the end that Ends was given, or, without one,
// before end. It does nothing on systems that have none.
func AtBreak(say, end func()) {
	if Break == 0 {
		return
	}
	table.Lock()
	defer table.Unlock()
	listen()
	table.atBreak = say
	if table.end == nil {
		table.ends, table.end = map[os.Signal]bool{Break: true}, func(os.Signal) { end() }
		notify(table.incoming, Break)
	}
}

// interruptible reports whether a Ctrl-C is an error in the engine of h.
func interruptible(h *luabind.Host) bool {
	table.Lock()
	defer table.Unlock()
	return table.interruptible != nil && table.interruptible.Engine == h.Engine
}

// listen begins to take in signals; the table is locked.
func listen() {
	if table.incoming != nil {
		return
	}
	table.incoming = make(chan os.Signal, 64)
	table.caught, table.before = map[os.Signal]*library{}, map[os.Signal]action{}
	go func() {
		for s := range table.incoming {
			dispatch(s)
		}
	}()
}

func dispatch(s os.Signal) {
	table.Lock()
	lib, end, say := table.caught[s], table.end, table.atBreak
	if !table.ends[s] {
		end = nil
	}
	table.Unlock()
	switch {
	case lib != nil:
		lib.come(s.(syscall.Signal))
	case end != nil && s == Break && say != nil:
		go func() {
			say()
			end(s)
		}()
	case end != nil:
		go end(s)
	}
}

// catch lets lib get s from now on.
func catch(s syscall.Signal, lib *library) {
	table.Lock()
	defer table.Unlock()
	listen()
	if _, known := table.before[s]; !known {
		table.before[s] = actionOf(s)
	}
	table.caught[s] = lib
	notify(table.incoming, s)
}

// leave lets nobody get s any more: it is ignored, or does what it does by default.
func leave(s syscall.Signal, ignoring bool) {
	table.Lock()
	defer table.Unlock()
	listen()
	if _, known := table.before[s]; !known {
		table.before[s] = actionOf(s)
	}
	delete(table.caught, s)
	switch {
	case ignoring:
		ignore(s)
	case table.ends[s]:
		notify(table.incoming, s)
	case giveBack(s):
	default:
		restore(s, table.before[s])
	}
}

// endBy does what the program does at s, where it does something and no script has caught
// s, and says whether.
func endBy(s os.Signal) bool {
	table.Lock()
	end := table.end
	if table.caught[s] != nil || !table.ends[s] || isIgnored(s) {
		end = nil
	}
	table.Unlock()
	if end == nil {
		return false
	}
	end(s)
	return true
}

// Caught reports whether a script has a handler for s, or lets it be ignored: then nobody
// else does what is done by default.
func Caught(s os.Signal) bool {
	table.Lock()
	defer table.Unlock()
	return table.caught[s] != nil || isIgnored(s)
}
