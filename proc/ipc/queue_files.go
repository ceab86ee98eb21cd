//go:build linux && !portable

package ipc

import (
	"encoding/binary"
	"os"
)

// How the files of items travel:
//
//	pair      = packets one way, a directory the other way
//	packet    = ticket, and the files of an item
//	directory = number, and two files: where the first packet of the boxes is received, and
//	            where the next one is sent
//	box       = a socket pair, whose ends are in directories and links only
//	          = packets, and a link once there are perBox
//	link      = zero, and a file: where the packets of the next box are received
//
// A socket holds some 270 packets. Those that find the pair full go into boxes, and so
// do all after them until the boxes are empty: the order stays. A directory isn't
// received, only peeked at, until another one has taken its place; the valid one is that
// whose number is in the segment. A process that dies before it has said so leaves a
// directory that isn't valid, or a link to a box that nothing was ever put into.
const perBox = 128

func newCourier() (courier, error) {
	send, recv, err := packetPair()
	return courier{send, recv}, err
}

// A directory says where the boxes are.
type directory struct{ first, last *os.File }

func (d directory) close() {
	if d.first != nil {
		d.first.Close()
		d.last.Close()
	}
}

func packetOf(number uint64) []byte { return binary.NativeEndian.AppendUint64(nil, number) }

// ship sends files ahead of their item, within a change.
func (q *Queue) ship(ticket uint64, files []*os.File) (labels []byte, boxed bool, err error) {
	s := q.s
	if s.state(qBoxed) == 0 {
		sent, err := sendPacket(q.send, packetOf(ticket), files)
		if !sent && err == nil && s.state(qTraveling) == 0 {
			// Nobody needs what is in there.
			for dropPacket(q.recv) {
			}
			sent, err = sendPacket(q.send, packetOf(ticket), files)
		}
		if sent || err != nil {
			return nil, false, err
		}
	}
	return nil, true, q.box(ticket, files)
}

// box puts the files of an item into the last box, or into a new one.
func (q *Queue) box(ticket uint64, files []*os.File) error {
	d, err := q.directory()
	if err != nil {
		return err
	}
	defer func() { d.close() }()
	// Not in the journal: what a dead process has sent counts too.
	count := q.s.word(wordPlace(qInLast))
	if d.last == nil || count.Load() >= perBox {
		next, err := q.newBox(d)
		if err != nil {
			return err
		}
		d.close()
		d = next
		count.Store(0)
	}
	count.Add(1)
	return mustSend(d.last, ticket, files)
}

// newBox makes a box the last one.
func (q *Queue) newBox(d directory) (directory, error) {
	send, recv, err := packetPair()
	if err != nil {
		return directory{}, err
	}
	next := directory{os.NewFile(uintptr(recv), "box"), os.NewFile(uintptr(send), "box")}
	if d.last != nil {
		var first *os.File
		if first, err = duplicate(int(d.first.Fd()), "box"); err == nil {
			err = mustSend(d.last, 0, []*os.File{next.first})
			next.first.Close()
			next.first = first
		}
	}
	if err == nil {
		err = q.setDirectory(next)
	}
	if err != nil {
		next.close()
		return directory{}, err
	}
	return next, nil
}

// mustSend sends a packet to where there is room for it.
func mustSend(to *os.File, number uint64, files []*os.File) error {
	sent, err := sendPacket(int(to.Fd()), packetOf(number), files)
	if err == nil && !sent {
		return ErrInFlight
	}
	return err
}

// directory returns the valid directory; without boxes its files are nil.
func (q *Queue) directory() (d directory, err error) {
	number := q.s.state(qDirectory)
	if number == 0 {
		return directory{}, nil
	}
	_, files, err := peekFor(q.send, func(found uint64, files []*os.File) bool { return found == number && len(files) == 2 })
	if err != nil {
		return directory{}, err
	}
	return directory{files[0], files[1]}, nil
}

// setDirectory makes d the valid directory, at once.
func (q *Queue) setDirectory(d directory) error {
	number := q.s.word(wordPlace(qTickets)).Add(1)
	sent, err := sendPacket(q.recv, packetOf(number), []*os.File{d.first, d.last})
	if err == nil && !sent {
		err = ErrInFlight
	}
	if err == nil {
		q.s.setState(qDirectory, number)
		q.s.commit()
	}
	return err
}

// A shipment is the files of an item that is about to be taken.
type shipment struct {
	files []*os.File
	boxed bool
	boxes directory // that they come from, if boxed
}

// peek looks at the files of an item, which is the first one that has any.
func (q *Queue) peek(ticket uint64, n int, _ []byte) (sh shipment, err error) {
	s := q.s
	isItem := func(number uint64, files []*os.File) bool { return number == ticket && len(files) == n }
	if sh.boxed = s.state(qTraveling) <= s.state(qBoxed); !sh.boxed {
		_, sh.files, err = peekFor(q.recv, isItem)
		return sh, err
	}
	if sh.boxes, err = q.directory(); err == nil && sh.boxes.first == nil {
		err = errFilesLost
	}
	for err == nil {
		var number uint64
		number, sh.files, err = peekFor(int(sh.boxes.first.Fd()), func(number uint64, files []*os.File) bool {
			return isItem(number, files) || number == 0 && len(files) == 1 && holdsPackets(files[0])
		})
		if err == nil && number != 0 {
			return sh, nil
		}
		if err == nil { // a link: go on there
			sh.boxes.first.Close()
			sh.boxes.first = sh.files[0]
			err = q.setDirectory(sh.boxes)
		}
	}
	sh.boxes.close()
	return shipment{}, err
}

// accept takes the files that peek has looked at, within the same change.
func (q *Queue) accept(sh shipment) {
	q.s.addState(qTraveling, ^uint64(0))
	if !sh.boxed {
		return
	}
	q.s.addState(qBoxed, ^uint64(0))
	if q.s.state(qBoxed) == 0 {
		q.s.setState(qDirectory, 0)
	}
}

// clear removes what accept has taken, after the item is gone.
func (q *Queue) clear(sh shipment) {
	switch {
	case !sh.boxed:
		dropPacket(q.recv)
	case q.s.state(qDirectory) == 0:
		for dropPacket(q.send) { // and with it the boxes
		}
	default:
		dropPacket(int(sh.boxes.first.Fd()))
	}
	sh.boxes.close()
}

// peekFor looks at the first packet that is valid, and drops those before it.
func peekFor(fd int, valid func(number uint64, files []*os.File) bool) (uint64, []*os.File, error) {
	for {
		var b [8]byte
		size, files, err := peekPacket(fd, b[:])
		if err != nil {
			return 0, nil, err
		}
		if number := binary.NativeEndian.Uint64(b[:]); size == len(b) && valid(number, files) {
			return number, files, nil
		}
		closeAll(files)
		if size <= 0 || !dropPacket(fd) {
			return 0, nil, errFilesLost
		}
	}
}

// holdsPackets says whether something was ever put into a box, and is there.
func holdsPackets(box *os.File) bool {
	var b [8]byte
	size, files, err := peekPacket(int(box.Fd()), b[:])
	closeAll(files)
	return size > 0 || err != nil
}

var errFilesLost error = filesLostError{}

type filesLostError struct{}

func (filesLostError) Error() string {
	return "ipc: descriptors of an item are lost: " + ErrBad.Error()
}
func (filesLostError) Unwrap() error { return ErrBad }
