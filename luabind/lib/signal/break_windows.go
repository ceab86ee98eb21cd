package signal

import (
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sys/windows"
)

// Break is the signal of Ctrl-Break, with the number that C has for it. Package os/signal takes it for a
// Ctrl-C; the console tells them apart, and asks the handler first that was entered last, which is ours.
const Break = syscall.Signal(21)

// breaks is a fact about this process: who gets Break.
var breaks struct {
	sync.Mutex
	entered bool // our handler is
	ignored bool
	to      []chan<- os.Signal
}

// setConsoleCtrlHandler is not in golang.org/x/sys/windows.
var setConsoleCtrlHandler = windows.NewLazySystemDLL("kernel32.dll").NewProc("SetConsoleCtrlHandler")

func notifyBreak(ch chan<- os.Signal) {
	breaks.Lock()
	defer breaks.Unlock()
	if !slices.Contains(breaks.to, ch) {
		breaks.to = append(breaks.to, ch)
	}
	breaks.ignored = false
	enterHandler()
}

// leaveBreak lets nobody get Break.
func leaveBreak(ignore bool) {
	breaks.Lock()
	defer breaks.Unlock()
	breaks.to, breaks.ignored = nil, ignore
	enterHandler()
}

func breakIgnored() bool {
	breaks.Lock()
	defer breaks.Unlock()
	return breaks.ignored
}

func enterHandler() {
	if !breaks.entered {
		breaks.entered = true
		setConsoleCtrlHandler.Call(windows.NewCallback(heardFromConsole), 1)
	}
}

// heardFromConsole is called by a thread of the system's at Ctrl-C and the like. It returns whether that is dealt
// with; else who was entered before is asked: package os/signal, the system.
func heardFromConsole(event uintptr) (done uintptr) {
	if event != windows.CTRL_BREAK_EVENT {
		return 0
	}
	breaks.Lock()
	defer breaks.Unlock()
	if len(breaks.to) == 0 && !breaks.ignored {
		return 0
	}
	for _, ch := range breaks.to {
		select {
		case ch <- Break:
		default: // as package os/signal, it doesn't wait
		}
	}
	return 1
}

// notify is signal.Notify, which doesn't know Break.
func notify(ch chan<- os.Signal, s os.Signal) {
	if s == Break {
		notifyBreak(ch)
		return
	}
	signal.Notify(ch, s)
}

// ignore lets nothing happen at s.
func ignore(s syscall.Signal) {
	if s == Break {
		leaveBreak(true)
		return
	}
	signal.Ignore(s)
}

// restore lets the system do again what it did, but no longer ignore s.
func restore(s syscall.Signal, _ action) {
	if s == Break {
		leaveBreak(false)
		return
	}
	signal.Reset(s)
}

// isIgnored reports whether s is ignored.
func isIgnored(s os.Signal) bool {
	if s == Break {
		return breakIgnored()
	}
	return signal.Ignored(s)
}
