package trace

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Recording is where this process writes. Any goroutine may use it, and a nil one does
// nothing.
type Recording struct {
	file   *os.File
	head   []byte
	clock  Clock
	number uint32

	mu      sync.Mutex
	front   []byte // the piece that is written to, mapped
	at      int
	pieces  uint64 // copied to the end
	full    bool
	strings map[string]uint32
	recent  [4]known
	turn    int
}

var errFull = errors.New("trace: there is no room for more")

// known is a string that was asked for not long ago.
type known struct {
	text   string
	number uint32
}

// Create makes a file for a recording; one that is there already is written anew.
func Create(path string) (*Recording, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, err
	}
	room := int64(firstRoom)
	err = fits(room)
	if err == nil {
		err = allocate(f, 0, room)
	}
	if err != nil { // for few processes, it may do
		room = unit
		if err = fits(room); err == nil {
			err = allocate(f, 0, room)
		}
	}
	if err == nil {
		var r *Recording
		if r, err = open(f); err == nil {
			err = r.look(func() error {
				r.word(atEnd).Store(unit)
				r.word(atRoom).Store(uint64(room))
				r.word(atWall).Store(uint64(time.Now().UnixNano()))
				r.word(atClock).Store(uint64(r.Now()))
				r.word(atMagic).Store(fileMagic)
				r.join()
				return nil
			})
		}
		if err == nil {
			return r, nil
		}
	}
	if info, serr := f.Stat(); serr == nil && info.Mode().IsRegular() { // and no device
		os.Remove(path)
	}
	f.Close()
	return nil, fmt.Errorf("trace: %s: %w", path, err)
}

// Open takes over the file of a recording that this process was given.
func Open(f *os.File) (*Recording, error) {
	r, err := open(f)
	if err == nil {
		err = r.look(func() error {
			if r.word(atMagic).Load() != fileMagic {
				return ErrBad
			}
			r.join()
			return nil
		})
		if err != nil {
			unix.Munmap(r.head)
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("trace: %w", err)
	}
	return r, nil
}

func open(f *os.File) (*Recording, error) {
	if info, err := f.Stat(); err != nil || info.Size() < unit { // else a look at it is a fault
		return nil, errors.Join(ErrBad, err)
	}
	head, err := unix.Mmap(int(f.Fd()), 0, unix.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return &Recording{file: f, head: head, clock: NewClock(), strings: map[string]uint32{}}, nil
}

// look calls f, which looks at the header.
func (r *Recording) look(f func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer func() {
		if faulted(recover()) {
			err = ErrBad
		}
		debug.SetPanicOnFault(before)
	}()
	return f()
}

// faulted reports whether a panic, if there is one, was a fault at memory that is mapped: the file
// has become shorter since, or its disk is gone. The signal of that would end the process.
// Any other panic goes on.
func faulted(p any) bool {
	if p == nil {
		return false
	}
	if _, ok := p.(interface{ Addr() uintptr }); !ok {
		panic(p)
	}
	return true
}

// join takes a number.
func (r *Recording) join() { r.number = uint32(r.word(atCount).Add(1)) }

func (r *Recording) word(at int) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&r.head[at])) }

// File is what another process of the run opens it by. It stays the recording's.
func (r *Recording) File() *os.File {
	if r == nil {
		return nil
	}
	return r.file
}

// Now is the time of events.
func (r *Recording) Now() int64 {
	if r == nil {
		return 0
	}
	return r.clock.Now()
}

// Add records e, at its time or, if that is zero, now.
func (r *Recording) Add(e Event) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.written(debug.SetPanicOnFault(true))
	text, file := r.text(e.Text), r.text(e.File)
	if e.Time == 0 {
		e.Time = r.Now()
	}
	r.cell(uint64(e.Kind)|uint64(e.Aux)<<16|uint64(e.A)<<32, uint64(e.Time), e.Object, uint64(text)|uint64(file)<<32, uint64(e.Line))
}

// written ends Add. After a fault nothing is recorded any more.
func (r *Recording) written(before bool) {
	if faulted(recover()) {
		r.full, r.front = true, nil // which stays mapped, as nobody is at it
	}
	debug.SetPanicOnFault(before)
	r.mu.Unlock()
}

// cell writes one.
func (r *Recording) cell(first, time, object, names, line uint64) {
	if r.at+cellSize > len(r.front) && !r.extend() {
		return
	}
	words := (*[cellSize / 8]uint64)(unsafe.Pointer(&r.front[r.at]))
	words[1], words[2], words[3], words[4] = time, object, names, line
	atomic.StoreUint64(&words[0], first)
	r.at += cellSize
}

// text returns the number of a string, which is written where it is new. Zero is none.
func (r *Recording) text(s string) uint32 {
	if s == "" {
		return 0
	}
	for i := range r.recent {
		if r.recent[i].text == s {
			return r.recent[i].number
		}
	}
	n, ok := r.strings[s]
	if !ok {
		if len(r.strings) >= maxStrings {
			return 0
		}
		n = uint32(len(r.strings) + 1)
		r.strings[s] = n
		r.writeText(n, s)
	}
	r.recent[r.turn%len(r.recent)] = known{s, n}
	r.turn++
	return n
}

// maxStrings is how many strings a process may name; there are more only where a script
// makes names without end.
const maxStrings = 1<<16 - 1

// writeText writes a string: 32 bytes in its first cell, the others behind it.
func (r *Recording) writeText(n uint32, s string) {
	s = s[:min(len(s), maxText)]
	cells := cellsOf(len(s))
	if r.at+cells*cellSize > len(r.front) && !r.extend() {
		return
	}
	copy(r.front[r.at+8:], s)
	word := (*atomic.Uint64)(unsafe.Pointer(&r.front[r.at]))
	word.Store(uint64(kindString) | uint64(len(s))<<16 | uint64(n)<<32)
	r.at += cells * cellSize
}

// extend makes room in the front: what is in it is copied to the end of the file. It says
// whether there is room.
func (r *Recording) extend() bool {
	if r.full {
		return false
	}
	err := r.flush()
	if r.front == nil && err == nil {
		err = r.begin()
	}
	if err != nil {
		r.full = true
		r.word(atFull).Store(1)
	}
	return err == nil
}

// take takes a unit of the file.
func (r *Recording) take() (at int64, err error) {
	at = int64(r.word(atEnd).Add(unit)) - unit
	if at+unit > MaxSize || !r.roomy(at) {
		return 0, errFull
	}
	return at, fits(at + unit)
}

// roomy reports whether the disk has room for as much again as was recorded: the page is to
// have some, and the run itself must not fail for its picture.
func (r *Recording) roomy(size int64) bool {
	var disk unix.Statfs_t
	if err := unix.Fstatfs(int(r.file.Fd()), &disk); err != nil || disk.Blocks == 0 {
		return true // it doesn't say
	}
	return int64(disk.Bavail)*int64(disk.Bsize) >= size+unit
}

// begin makes the front.
func (r *Recording) begin() error {
	at, err := r.take()
	if err != nil {
		return err
	}
	if at+unit > int64(r.word(atRoom).Load()) {
		if err := allocate(r.file, at, unit); err != nil {
			return err
		}
	}
	r.front, err = unix.Mmap(int(r.file.Fd()), at, unit, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	r.cell(cellMagic, uint64(os.Getpid())|uint64(r.number)<<32, 0, 0, 0)
	return nil
}

// flush copies the front to the end of the file and empties it. Killed in between, there are
// two pieces with one number, of which the one at the end is whole.
func (r *Recording) flush() error {
	if r.front == nil {
		return nil
	}
	at, err := r.take()
	if err != nil {
		return err
	}
	n, err := unix.Pwrite(int(r.file.Fd()), r.front, at)
	for err == unix.EINTR {
		n, err = unix.Pwrite(int(r.file.Fd()), r.front, at)
	}
	if err == nil && n < unit {
		err = unix.ENOSPC
	}
	if err != nil {
		unix.Pwrite(int(r.file.Fd()), make([]byte, 8), at) // what is there is no piece, but half of one
		return err
	}
	clear(r.front[cellSize:])
	r.at = cellSize
	r.pieces++
	atomic.StoreUint64((*uint64)(unsafe.Pointer(&r.front[16])), r.pieces)
	return nil
}

// fits says whether a file may be so large: where it may not, the kernel has a signal for
// who writes, that kills.
func fits(size int64) error {
	var most unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &most); err == nil && uint64(size) > most.Cur {
		return unix.EFBIG
	}
	return nil
}

// firstRoom is what the file has from the beginning: for the header, and seven processes.
const firstRoom = 8 * unit

// allocate lets f have room on the disk, so that to write there where it is mapped can't fail.
func allocate(f *os.File, at, size int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, at, size)
		switch err {
		case nil:
			return nil
		case unix.EINTR:
			continue
		case unix.EOPNOTSUPP, unix.ENOSYS:
			_, err := f.WriteAt(make([]byte, size), at)
			return err
		}
		return os.NewSyscallError("fallocate", err)
	}
}

// Close ends what this process records. The file stays.
func (r *Recording) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.full = true
	if r.front != nil {
		unix.Munmap(r.front)
		r.front = nil
	}
	return r.file.Close()
}
