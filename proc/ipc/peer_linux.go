//go:build !portable

package ipc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// An identity is a process for all time: its pid and when it was started, in
// clock ticks since the machine was. Zero is none. Pids have at most 22 bits on
// Linux (PID_MAX_LIMIT).
type identity uint64

const pidBits = 22

func (id identity) pid() int { return int(id & (1<<pidBits - 1)) }

// A member is who a process is, and where its process ids count.
type member struct {
	identity
	namespace uint64
}

// itself is a fact about this process: what self has found out.
var itself atomic.Pointer[member]

// self is what this process is.
func self() (member, error) {
	if me := itself.Load(); me != nil {
		return *me, nil
	}
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/ns/pid", &st); err != nil {
		return member{}, fmt.Errorf("ipc: /proc is needed: %w", err)
	}
	id, err := identify(os.Getpid())
	if err != nil {
		return member{}, err // not for ever: descriptors may be scarce now
	}
	me := &member{id, st.Ino}
	itself.Store(me)
	return *me, nil
}

// identify returns who has pid now.
func identify(pid int) (identity, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	// pid (name) state ppid ...; the name may hold anything, the start is field 22.
	const afterName = 22 - 3
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) <= afterName {
		return 0, fmt.Errorf("ipc: /proc/%d/stat: %q", pid, b)
	}
	start, err := strconv.ParseUint(string(fields[afterName]), 10, 64)
	if err != nil {
		return 0, err
	}
	return identity(start<<pidBits | uint64(pid)), nil
}

// A look at another process may fail, for want of descriptors or memory, or because
// it is forbidden. That is no death: whoever has something of the dead gets it at once,
// so a death is only what the kernel says is one.

// A peer is another process that somebody here watches.
type peer struct {
	id    identity
	pidfd int
	file  *os.File
	sure  atomic.Bool // that pidfd is of id, and not of one that has its number now

	// Under peers.Mutex.
	users     int
	notifiers map[*notifier]bool // notified when it has ended
}

// peers are those that are watched, each once, however many objects it shares
// with us: a fact about this process.
var peers struct {
	sync.Mutex
	known map[identity]*peer // nil: there were none yet
}

// watchPeer returns the process id, whose end will notify n, until release. Nil:
// it has ended.
func watchPeer(id identity, b *notifier) (*peer, error) {
	peers.Lock()
	defer peers.Unlock()
	p := peers.known[id]
	if p == nil {
		var err error
		if p, err = openPeer(id); p == nil || err != nil {
			return nil, err
		}
		if peers.known == nil {
			peers.known = map[identity]*peer{}
		}
		peers.known[id] = p
	}
	p.users++
	p.notifiers[b] = true
	return p, nil
}

func openPeer(id identity) (*peer, error) {
	fd, err := unix.PidfdOpen(id.pid(), 0)
	switch err {
	case nil:
	case unix.ESRCH, unix.EINVAL, unix.ENOENT: // none, or a thread has the number now
		return nil, nil
	case unix.ENOSYS:
		return nil, ErrUnsupported
	default:
		return nil, os.NewSyscallError("pidfd_open", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	p := &peer{id: id, pidfd: fd, notifiers: map[*notifier]bool{}}
	if p.ended() {
		unix.Close(fd)
		return nil, nil
	}
	p.file = os.NewFile(uintptr(fd), "pidfd")
	conn, err := p.file.SyscallConn()
	if err != nil {
		p.file.Close()
		return nil, err
	}
	go p.await(conn)
	return p, nil
}

// await waits for the end of p, or until nobody watches it any more.
func (p *peer) await(conn syscall.RawConn) {
	if conn.Read(func(uintptr) bool { return p.ended() }) != nil {
		return // closed by release
	}
	peers.Lock()
	defer peers.Unlock()
	for b := range p.notifiers {
		b.notify()
	}
}

// ended looks. Whoever calls it has p from watchPeer.
func (p *peer) ended() bool {
	// Since pidfd is there the number can't pass to another one: is it still the same?
	// Until that can be seen, the end of who has the number is waited for.
	if !p.sure.Load() {
		if now, err := identify(p.id.pid()); err == nil && now != p.id {
			return true
		} else if err == nil {
			p.sure.Store(true)
		}
	}
	polled := []unix.PollFd{{Fd: int32(p.pidfd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(polled, 0)
		if err != unix.EINTR {
			return n > 0
		}
	}
}

// hasEnded says whether a process that can't be watched has ended, as far as that
// can be seen.
func hasEnded(id identity) bool {
	now, err := identify(id.pid())
	if err != nil {
		return unix.Kill(id.pid(), 0) == unix.ESRCH
	}
	return now != id
}

// release ends what watchPeer began.
func (p *peer) release(b *notifier) {
	peers.Lock()
	defer peers.Unlock()
	delete(p.notifiers, b)
	if p.users--; p.users == 0 {
		delete(peers.known, p.id)
		p.file.Close()
	}
}
