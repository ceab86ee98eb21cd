package ipc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"luaspawn/proc/internal/fds"
)

// How the files of items travel: as handles of a process that does nothing else, the keeper.
//
//	keeper  = this program, never resumed: it runs no instruction. Who puts the first
//	          item with files starts it, and says in the segment who it is
//	courier = a job, which all holders have, and which the keeper is in
//	label   = handle                   a file of an item, as the keeper has it
//	        | 0                        the job itself, where the queue is in an item of its own
//	moved   = ticket count {handle}    of the item whose files are put into the keeper, or taken
//
// A handle has to be some process's. Each of those that use the queue may end while others
// need its items, so it is none of them. The system ends the keeper when nobody has the job any
// more: the job is in the queue's files, so that an argument or another queue's item that the queue
// is in keeps it too. Two queues that are in items of each other, and that nobody has else, keep each other
// until the session ends.
//
// To put: ship gives the keeper duplicates, shipped says that their item exists. To take:
// peek makes duplicates of the keeper's, accept says that they are taken, clear closes the
// keeper's. What moves stands in moved beforehand, and whoever comes next closes it if a process has died in
// between: needed says whether it must. One handle may be left, for as long as there is the keeper, if
// a process is killed between the call that makes it and the next instruction.
//
// A socket is one of those handles, if it is the system's own (XP1_IFS_HANDLES), which
// all are but those of a provider that stands between. WSADuplicateSocket is for one process, which has
// to be known and to act: the keeper doesn't, and who takes the item isn't known yet.
//
// If somebody ends the keeper, the items that it has files of are gone (errTaken), and the
// queue starts another one when they are.
type courier struct{ *keeping }

// keeping is what this process has of a keeper.
type keeping struct {
	job    windows.Handle
	keeper windows.Handle // the process; 0: it isn't open here
	who    identity       // that it is of
}

// Words of a queue that other couriers use otherwise.
const (
	qShipped = qBoxed     // the last ticket whose item has come to be
	qTaken   = qInLast    // the last ticket whose item was taken
	qKeeper  = qDirectory // its identity; 0: there is none yet
)

// Where moved is: between the slots and the data.
const (
	atMovedTicket = atSlots + slotSize*maxSlots
	atMovedCount  = atMovedTicket + 8
	atMoved       = atMovedCount + 8
	_             = uint(atData - (atMoved + 8*MaxFiles)) // it has room there
)

// courierFiles is how many files a courier is sent as.
const courierFiles = 1

// labelSize is how many bytes an item has for each of its files.
const labelSize = 8

var (
	errKeeperEnded = errors.New("ipc: the process that kept files of this queue was ended: items that bring some can be put when those are taken")
	errLayered     = errors.New("ipc: a socket of a provider that stands between can't be in an item")
)

func newCourier() (courier, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return courier{}, os.NewSyscallError("CreateJobObject", err)
	}
	return courier{&keeping{job: job}}, nil
}

// openCourier takes over the files of one.
func openCourier(files []*os.File) (courier, error) {
	job, err := takeDescriptor(files[0])
	if err != nil {
		return courier{}, err
	}
	return courier{&keeping{job: windows.Handle(job)}}, nil
}

// duplicates returns what another process opens it by.
func (c courier) duplicates() ([]*os.File, error) {
	f, err := duplicate(int(c.job), "files of a queue")
	if err != nil {
		return nil, err
	}
	return []*os.File{f}, nil
}

func (c courier) close() {
	windows.CloseHandle(c.job)
	c.forget()
}

func (k *keeping) forget() {
	if k.keeper != 0 {
		windows.CloseHandle(k.keeper)
		k.keeper, k.who = 0, 0
	}
}

// keeps reports whether there is a keeper, and opens it here.
func (q *Queue) keeps() (bool, error) {
	id := identity(q.s.state(qKeeper))
	if id != q.who {
		q.forget()
	}
	if id == 0 {
		return false, nil
	}
	if q.keeper == 0 {
		h, err := id.open(windows.PROCESS_DUP_HANDLE)
		if h == 0 || err != nil {
			return false, err
		}
		q.keeper, q.who = h, id
	}
	return !isOver(q.keeper), nil
}

// hire starts a keeper, within a change.
func (q *Queue) hire() error {
	if q.s.state(qTraveling) > 0 {
		return errKeeperEnded // what is on its way is labeled with handles of that one
	}
	q.forget()
	h, id, err := startKeeper(q.job)
	if err != nil {
		return fmt.Errorf("ipc: start a process that keeps files: %w", err)
	}
	q.keeper, q.who = h, id
	q.s.word(atMovedCount).Store(0)
	q.s.setState(qKeeper, uint64(id))
	q.s.commit()
	return nil
}

// startKeeper starts a process, in a job with which it ends.
func startKeeper(job windows.Handle) (windows.Handle, identity, error) {
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		return 0, 0, os.NewSyscallError("SetInformationJobObject", err)
	}
	path, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	program, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, 0, err
	}
	line, err := windows.UTF16PtrFromString(syscall.EscapeArg(path) + " (keeps the files of a queue)")
	if err != nil {
		return 0, 0, err
	}
	var folder *uint16 // of ours another process could not be rid
	if system, err := windows.GetSystemDirectory(); err == nil {
		folder, _ = windows.UTF16PtrFromString(system)
	}
	attributes, err := windows.NewProcThreadAttributeList(1)
	if err != nil {
		return 0, 0, os.NewSyscallError("InitializeProcThreadAttributeList", err)
	}
	defer attributes.Delete()
	const attributeJobList = 0x0002000d // not later: this process may be killed in between
	if err := attributes.Update(attributeJobList, unsafe.Pointer(&job), unsafe.Sizeof(job)); err != nil {
		return 0, 0, os.NewSyscallError("UpdateProcThreadAttribute", err)
	}
	start := windows.StartupInfoEx{ProcThreadAttributeList: attributes.List()}
	start.Cb = uint32(unsafe.Sizeof(start))
	// Detached: a console would start a thread in it, at Ctrl-C.
	const how = windows.CREATE_SUSPENDED | windows.DETACHED_PROCESS | windows.EXTENDED_STARTUPINFO_PRESENT
	var made windows.ProcessInformation
	if err := windows.CreateProcess(program, line, nil, nil, false, how, nil, folder, &start.StartupInfo, &made); err != nil {
		return 0, 0, os.NewSyscallError("CreateProcess", err)
	}
	windows.CloseHandle(made.Thread)
	id, err := identify(made.Process, int(made.ProcessId))
	if err != nil {
		windows.TerminateProcess(made.Process, 1)
		windows.CloseHandle(made.Process)
	}
	return made.Process, id, err
}

// needed reports whether the files of a ticket are an item's.
func (q *Queue) needed(ticket uint64) bool {
	return q.s.state(qTaken) < ticket && ticket <= q.s.state(qShipped)
}

// tidy closes what the keeper has of an item that never came to be, or that was taken.
func (q *Queue) tidy() {
	count := q.s.word(atMovedCount)
	if q.needed(q.s.word(atMovedTicket).Load()) {
		count.Store(0)
	}
	for n := count.Load(); n > 0; n-- {
		if h := windows.Handle(q.s.word(atMoved + 8*int(n-1)).Load()); n <= MaxFiles && h != 0 {
			var ours windows.Handle
			err := windows.DuplicateHandle(q.keeper, h, windows.CurrentProcess(), &ours, 0, false,
				windows.DUPLICATE_SAME_ACCESS|windows.DUPLICATE_CLOSE_SOURCE)
			if err == nil { // else it is closed already
				windows.CloseHandle(ours)
			}
		}
		count.Store(n - 1)
	}
}

// move begins to move the files of a ticket, of which none is in moved yet.
func (q *Queue) move(ticket uint64) {
	q.s.word(atMovedCount).Store(0)
	q.s.word(atMovedTicket).Store(ticket)
}

// moves says that a handle of the keeper's is one of them.
func (q *Queue) moves(h windows.Handle) {
	count := q.s.word(atMovedCount)
	n := count.Load()
	q.s.word(atMoved + 8*int(n)).Store(uint64(h))
	count.Store(n + 1)
}

// ship gives the keeper the files of an item that is to be, within a change.
func (q *Queue) ship(ticket uint64, files []*os.File) (labels []byte, boxed bool, err error) {
	there, err := q.keeps()
	if err != nil {
		return nil, false, err
	}
	if there {
		q.tidy()
	} else if err := q.hire(); err != nil {
		return nil, false, err
	}
	q.move(ticket)
	err = fds.Hold(files, nil, func(handles []int) error {
		for _, h := range handles {
			theirs, err := q.keep(windows.Handle(h))
			if err != nil {
				return err
			}
			q.moves(theirs)
			labels = binary.NativeEndian.AppendUint64(labels, uint64(theirs))
		}
		return nil
	})
	if err != nil {
		q.tidy()
		return nil, false, err
	}
	return labels, false, nil
}

var compareObjectHandles = windows.NewLazySystemDLL("kernelbase.dll").NewProc("CompareObjectHandles")

// keep gives the keeper a duplicate; 0: it needs none.
func (q *Queue) keep(h windows.Handle) (theirs windows.Handle, err error) {
	if same, _, _ := compareObjectHandles.Call(uintptr(h), uintptr(q.job)); same != 0 {
		return 0, nil // it would keep the job, and that it, for ever
	}
	if fds.IsSocket(int(h)) && !isSystems(h) {
		return 0, errLayered
	}
	err = windows.DuplicateHandle(windows.CurrentProcess(), h, q.keeper, &theirs, 0, false, windows.DUPLICATE_SAME_ACCESS)
	if err != nil && isOver(q.keeper) {
		err = errKeeperEnded
	}
	return theirs, os.NewSyscallError("DuplicateHandle", err)
}

// isSystems reports whether a socket is a handle of the system's.
func isSystems(h windows.Handle) bool {
	const soProtocolInfo = 0x2005
	var info windows.WSAProtocolInfo
	size := int32(unsafe.Sizeof(info))
	err := windows.Getsockopt(h, windows.SOL_SOCKET, soProtocolInfo, (*byte)(unsafe.Pointer(&info)), &size)
	return err != nil || info.ServiceFlags1&windows.XP1_IFS_HANDLES != 0
}

// shipped says that the item whose files were shipped exists, within the same change.
func (q *Queue) shipped(bool) { q.s.setState(qShipped, q.s.word(atMovedTicket).Load()) }

// A shipment is the files of an item that is about to be taken.
type shipment struct {
	files  []*os.File
	ticket uint64
	labels []byte
}

// peek looks at the files of an item. The error is errTaken where they are gone with their keeper.
func (q *Queue) peek(ticket uint64, n int, labels []byte) (shipment, error) {
	sh := shipment{ticket: ticket}
	there, err := q.keeps()
	if err != nil {
		return shipment{}, err
	}
	if !there {
		return sh, errTaken
	}
	q.tidy()
	for i := range n {
		from, h := q.keeper, windows.Handle(binary.NativeEndian.Uint64(labels[8*i:]))
		if h == 0 {
			from, h = windows.CurrentProcess(), q.job
		}
		var ours windows.Handle
		err := windows.DuplicateHandle(from, h, windows.CurrentProcess(), &ours, 0, false, windows.DUPLICATE_SAME_ACCESS)
		if err != nil {
			closeAll(sh.files)
			if sh.files = nil; isOver(q.keeper) {
				return sh, errTaken
			}
			return shipment{}, os.NewSyscallError("DuplicateHandle", err)
		}
		sh.files = append(sh.files, os.NewFile(uintptr(ours), "passed file "+strconv.Itoa(i)))
	}
	sh.labels = labels
	return sh, nil
}

// accept takes the files that peek has looked at, within the same change.
func (q *Queue) accept(sh shipment) {
	q.s.addState(qTraveling, ^uint64(0))
	q.move(sh.ticket)
	for labels := sh.labels; len(labels) > 0; labels = labels[8:] {
		q.moves(windows.Handle(binary.NativeEndian.Uint64(labels)))
	}
	q.s.setState(qTaken, sh.ticket)
}

// clear closes what accept has taken, after the item is gone.
func (q *Queue) clear(shipment) { q.tidy() }

// drop throws the next item away. There are no RoomErrors here, which it would be for.
func (q *Queue) drop() {
	q.s.change(context.Background(), Forever, func() verdict {
		if q.s.state(qCount) > 0 {
			_, files, _ := q.take()
			closeAll(files)
		}
		return done
	})
}
