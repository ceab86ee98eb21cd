//go:build unix

package progress

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"luaspawn/luabind"
)

// terminals are those on which this process has shown bars, by device: a fact about the
// process, which all its engines share.
var terminals struct {
	sync.Mutex
	of map[uint64]*terminal
}

// terminalOf returns the terminal that the standard error of an engine leads to; nil: it is none that
// understands escape sequences.
func terminalOf(h *luabind.Host) *terminal {
	var f *os.File
	switch w := h.Stderr().(type) {
	case *os.File:
		f = w
	case interface{ File() *os.File }: // of a prompt
		f = w.File()
	}
	name := os.Getenv("TERM")
	if f == nil || name == "" || name == "dumb" || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	var info unix.Stat_t
	if unix.Fstat(int(f.Fd()), &info) != nil {
		return nil
	}
	terminals.Lock()
	defer terminals.Unlock()
	t := terminals.of[uint64(info.Rdev)]
	if t == nil {
		t = &terminal{screen: file{f}, now: time.Now}
		if os.Getenv("NO_COLOR") == "" {
			t.green, t.plain = green, plainText
		}
		if terminals.of == nil {
			terminals.of = map[uint64]*terminal{}
		}
		terminals.of[uint64(info.Rdev)] = t
	}
	return t
}

// file is a terminal of this machine, as a screen.
type file struct{ *os.File }

func (f file) fd() int { return int(f.Fd()) }

func (f file) size() (width, height int) {
	width, height, err := term.GetSize(f.fd())
	if err != nil || width < 2 {
		return 0, 0
	}
	return width, height
}

func (f file) ours() bool {
	group, err := unix.IoctlGetInt(f.fd(), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp() // an error: it isn't the one that controls this process
}

// firstLock is the byte of a terminal's "file" that stands for the lowest row.
const firstLock = 1 << 30

func lockOf(slot, slots int) *syscall.Flock_t {
	return &syscall.Flock_t{Type: syscall.F_WRLCK, Start: firstLock + int64(slot), Len: int64(slots)}
}

// take fails where another process has the row. Where there are no such locks the rows are
// this process's alone.
func (f file) take(slot int) bool {
	err := syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, lockOf(slot, 1))
	return err != syscall.EAGAIN && err != syscall.EACCES
}

func (f file) give(slot int) {
	lock := lockOf(slot, 1)
	lock.Type = syscall.F_UNLCK
	syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, lock)
}

func (f file) others() int {
	held := func(slot, slots int) bool {
		lock := lockOf(slot, slots)
		return syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, lock) == nil && lock.Type != syscall.F_UNLCK
	}
	if !held(0, maxRows) {
		return noSlot
	}
	slot := maxRows - 1
	for slot > noSlot && !held(slot, 1) {
		slot--
	}
	return slot
}

// watch leaves SIGTSTP alone: the runtime takes no notice of one any more that was once asked
// for, and Ctrl-Z would stop this program no more.
func (f file) watch(changed func()) (end func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGWINCH, unix.SIGCONT)
	var ended sync.WaitGroup
	ended.Go(func() {
		for range signals {
			changed()
		}
	})
	return func() {
		signal.Stop(signals)
		close(signals)
		ended.Wait()
	}
}
