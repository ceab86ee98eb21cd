//go:build !portable

package board

import (
	"encoding/binary"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

const (
	atHigh = 0

	// of an entry
	entryPid     = 0 // with the flags above it
	entryParent  = 8
	entryStarted = 16
	entryLength  = 24
	entryTold    = 32 // when Started was called
	entryName    = 40
	nameRoom     = entrySize - entryName

	reserved = 1 << 31 // instead of a pid: it is being started

	// of a page
	pageTurn   = 0 // odd while it is written
	pageWaits  = 8
	pageSince  = 16
	pageWhy    = 24 // why, limit<<16, line<<32
	pageObject = 32
	pageFd     = 40 // fd, pid<<32
	pageAux    = 48
	pageSizes  = 56   // of file, of what<<16
	pageOwner  = 1008 // the pid of the process that has written the rest
	pageFile   = 64
	pageWhat   = 320
	fileRoom   = pageWhat - pageFile
	whatRoom   = 128
	pageText   = 1024 // its number, its length, the text
	textRoom   = pageSize - pageText - 16
)

// A Board is open in this process.
type Board struct {
	file  *os.File
	front []byte // header and entries
	clock trace.Clock
}

func word(b []byte, at int) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&b[at])) }

// Open opens the board at the beginning of a file, which stays the caller's, of Size bytes at
// least. Who makes the file does so with zeros.
func Open(f *os.File) (*Board, error) {
	front, err := unix.Mmap(int(f.Fd()), 0, pagesAt, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return &Board{file: f, front: front, clock: trace.NewClock()}, nil
}

func (b *Board) entry(slot int) []byte {
	return b.front[slot*entrySize:][:entrySize]
}

// Enter takes a place for a process that is about to be started, or is this one. 0: there is
// none.
func (b *Board) Enter(name string, flags int) (slot int) {
	if b == nil {
		return 0
	}
	for sweep := range 2 {
		for slot := 1; slot <= entries; slot++ {
			e := b.entry(slot)
			if word(e, entryPid).Load() != 0 || !word(e, entryPid).CompareAndSwap(0, reserved|uint64(flags)<<32) {
				continue
			}
			for high := word(b.front, atHigh); ; {
				if was := high.Load(); was >= uint64(slot) || high.CompareAndSwap(was, uint64(slot)) {
					break
				}
			}
			word(e, entryParent).Store(uint64(os.Getpid()))
			word(e, entryStarted).Store(uint64(b.clock.Now()))
			word(e, entryLength).Store(uint64(copy(e[entryName:], name)))
			return slot
		}
		if sweep == 0 {
			b.sweep()
		}
	}
	return 0
}

// sweep gives away the places of processes that have ended and whose parents have too.
func (b *Board) sweep() {
	for slot := 1; slot <= entries; slot++ {
		pid := word(b.entry(slot), entryPid)
		was := pid.Load()
		if was == 0 || uint32(was) == reserved {
			continue
		}
		there := time.Duration(word(b.entry(slot), entryTold).Load())
		if n := int(uint32(was)); unix.Kill(n, 0) == unix.ESRCH || isStranger(statOf(n), there) {
			pid.CompareAndSwap(was, 0)
		}
	}
}

// Started says which process it is. It isn't waited for yet, so that the pid is nobody else's.
func (b *Board) Started(slot, pid int) {
	if b == nil || slot == 0 {
		return
	}
	word(b.entry(slot), entryTold).Store(uint64(sinceBoot()))
	w := word(b.entry(slot), entryPid)
	w.Store(w.Load()&^(1<<32-1) | uint64(pid))
}

// Leave gives the place back: the process has ended, or was never there.
func (b *Board) Leave(slot int) {
	if b != nil && slot != 0 {
		word(b.entry(slot), entryPid).Store(0)
	}
}

// A Page is where this process writes.
type Page struct {
	b     []byte
	clock trace.Clock
}

// Page opens the page of a place, which is to be this process's.
func (b *Board) Page(slot int) (*Page, error) {
	if b == nil || slot < 1 || slot > entries {
		return nil, os.ErrInvalid
	}
	at := int64(pagesAt + (slot-1)*pageSize)
	size := unix.Getpagesize()
	p, err := unix.Mmap(int(b.file.Fd()), at/int64(size)*int64(size), max(size, pageSize), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	p = p[at%int64(size):][:pageSize]
	// Whoever had it before may have been killed while it wrote.
	word(p, pageTurn).Store((word(p, pageTurn).Load() + 3) &^ 1)
	word(p, pageWaits).Store(0)
	word(p, pageText).Store(0)
	word(p, pageOwner).Store(uint64(os.Getpid()))
	return &Page{p, b.clock}, nil
}

// Begin says that the script waits. One goroutine at a time calls it, and End.
func (p *Page) Begin(w *Wait) {
	turn := word(p.b, pageTurn)
	turn.Add(1)
	limit := uint64(0)
	if w.Limit {
		limit = 1
	}
	p.put(pageSince, uint64(p.clock.Now()))
	p.put(pageWhy, uint64(w.Why)|limit<<16|uint64(uint32(w.Line))<<32)
	p.put(pageObject, w.Object)
	p.put(pageFd, uint64(uint32(w.Fd))|uint64(uint32(w.Pid))<<32)
	p.put(pageAux, w.Aux)
	file := copy(p.b[pageFile:pageFile+fileRoom], w.File)
	what := copy(p.b[pageWhat:pageWhat+whatRoom], w.What)
	p.put(pageSizes, uint64(file)|uint64(what)<<16)
	p.put(pageWaits, 1)
	turn.Add(1)
}

// End says that it goes on.
func (p *Page) End() {
	turn := word(p.b, pageTurn)
	turn.Add(1)
	p.put(pageWaits, 0)
	turn.Add(1)
}

// put sets a word between two changes of the turn, which other processors learn of in their order: to do so with each word takes
// as long as all the rest.
func (p *Page) put(at int, v uint64) { binary.NativeEndian.PutUint64(p.b[at:], v) }

// Say leaves a text there, a traceback. One goroutine at a time calls it.
func (p *Page) Say(text string) {
	number := word(p.b, pageText)
	next := number.Load() + 1
	number.Store(0)
	word(p.b, pageText+8).Store(uint64(copy(p.b[pageText+16:], text[:min(len(text), textRoom)])))
	number.Store(next)
}

// Look returns the processes on the board, those that have ended too, if nobody has waited
// for them yet.
func (b *Board) Look() []*Process {
	if b == nil {
		return nil
	}
	pages, err := unix.Mmap(int(b.file.Fd()), pagesAt, entries*pageSize, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	defer unix.Munmap(pages)
	now := b.clock.Now()
	var list []*Process
	for slot := 1; slot <= int(min(word(b.front, atHigh).Load(), entries)); slot++ {
		e := b.entry(slot)
		who := word(e, entryPid).Load()
		if who == 0 || uint32(who) == reserved {
			continue
		}
		p := &Process{
			Slot: slot, Pid: int(uint32(who)), Flags: int(who >> 32), Parent: int(word(e, entryParent).Load()),
			Name: string(e[entryName:][:min(word(e, entryLength).Load(), nameRoom)]),
			Age:  time.Duration(now - int64(word(e, entryStarted).Load())),
		}
		p.page(pages[(slot-1)*pageSize:][:pageSize], now)
		if p.system(time.Duration(word(e, entryTold).Load())) {
			list = append(list, p)
		}
	}
	return list
}

// page reads what it says of itself. One that changes all the time is taken to wait for
// nothing.
func (p *Process) page(b []byte, now int64) {
	if word(b, pageOwner).Load() != uint64(p.Pid) {
		return // it has never written there
	}
	for range 100 {
		turn := word(b, pageTurn).Load()
		sizes := word(b, pageSizes).Load()
		why, fd := word(b, pageWhy).Load(), word(b, pageFd).Load()
		p.Waiting = word(b, pageWaits).Load() != 0
		p.Wait = Wait{
			Why: int(why & 0xffff), Limit: why>>16&1 != 0, Line: int(int32(why >> 32)), Object: word(b, pageObject).Load(),
			Fd: int(int32(fd)), Pid: int(int32(fd >> 32)), Aux: word(b, pageAux).Load(),
			File:  string(b[pageFile:][:min(sizes&0xffff, fileRoom)]),
			What:  string(b[pageWhat:][:min(sizes>>16&0xffff, whatRoom)]),
			Since: time.Duration(now - int64(word(b, pageSince).Load())),
		}
		if p.Turn = turn; turn%2 == 0 && word(b, pageTurn).Load() == turn {
			break
		}
		p.Waiting = false
	}
	if n := word(b, pageText).Load(); n != 0 {
		p.Text = string(b[pageText+16:][:min(word(b, pageText+8).Load(), textRoom)])
		if word(b, pageText).Load() == n {
			p.TextAt = n
		}
	}
}

// turns returns the turn of each page.
func (b *Board) turns(list []*Process) []uint64 {
	turns := make([]uint64, len(list))
	var buffer [8]byte
	for i, p := range list {
		if _, err := b.file.ReadAt(buffer[:], int64(pagesAt+(p.Slot-1)*pageSize)); err == nil {
			turns[i] = word(buffer[:], 0).Load()
		}
	}
	return turns
}
