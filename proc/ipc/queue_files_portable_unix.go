//go:build unix && (!linux || portable)

package ipc

import (
	"context"
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"luaspawn/proc/internal/fds"
)

// How the files of items travel: in a pair of datagram sockets.
//
//	packet = ticket, and the files of an item
//
// Elsewhere than on Linux nobody can look at descriptors that stay in a socket. So they are
// received before their item is gone. Who dies in between has taken it: who comes next sees that
// the ticket of the next packet is a later one, and goes on with the item behind.

func newCourier() (courier, error) {
	pair, err := socketPair(unix.SOCK_DGRAM)
	if err != nil {
		return courier{}, err
	}
	unix.SetsockoptInt(pair[0], unix.SOL_SOCKET, unix.SO_SNDBUF, 256<<10) // or what the system allows
	unix.SetsockoptInt(pair[1], unix.SOL_SOCKET, unix.SO_RCVBUF, 256<<10)
	return courier{pair[0], pair[1]}, nil
}

// A shipment is the files of an item that is about to be taken.
type shipment struct{ files []*os.File }

// ship sends files ahead of their item, within a change. The error is ErrInFlight where the
// socket is full.
func (q *Queue) ship(ticket uint64, files []*os.File) (labels []byte, boxed bool, err error) {
	packet := binary.NativeEndian.AppendUint64(nil, ticket)
	return nil, false, fds.Hold(files, nil, func(passed []int) error {
		for emptied := false; ; {
			err := unix.Sendmsg(q.send, packet, unix.UnixRights(passed...), nil, fds.NoSignal)
			switch {
			case err == unix.EINTR:
			case (err == unix.EAGAIN || err == unix.ENOBUFS) && !emptied && q.s.state(qTraveling) == 0:
				for q.dropFiles() { // nobody needs what is in there
				}
				emptied = true
			case err == unix.EAGAIN, err == unix.ENOBUFS, err == unix.EMSGSIZE, err == unix.ETOOMANYREFS:
				return ErrInFlight
			default:
				return os.NewSyscallError("sendmsg", err)
			}
		}
	})
}

// peek receives the files of an item, which is the first one that has any. The error is errTaken
// where a process has received them and died.
func (q *Queue) peek(ticket uint64, n int, _ []byte) (shipment, error) {
	for {
		var b [8]byte
		size, _, err := unix.Recvfrom(q.recv, b[:], unix.MSG_PEEK)
		switch found := binary.NativeEndian.Uint64(b[:]); {
		case err == unix.EINTR:
		case err == unix.EAGAIN, err == nil && size == len(b) && found > ticket:
			return shipment{}, errTaken
		case err != nil:
			return shipment{}, os.NewSyscallError("recvfrom", err)
		case size == len(b) && found == ticket:
			files, err := q.receive(n)
			return shipment{files}, err
		default: // its item never came to be
			q.dropFiles()
		}
	}
}

// receive receives the next packet, which brings n files.
func (q *Queue) receive(n int) ([]*os.File, error) {
	if err := roomFor(n); err != nil {
		return nil, &RoomError{err} // what finds no room would be lost
	}
	passed, err := receiveRights(q.recv, unix.CmsgSpace(4*MaxFiles))
	if err != nil {
		return nil, err
	}
	var files []*os.File
	for i, fd := range passed {
		files = append(files, os.NewFile(uintptr(fd), "passed file "+strconv.Itoa(i)))
	}
	if len(files) != n {
		closeAll(files)
		return nil, errTaken
	}
	return files, nil
}

// roomFor returns an error if this process can't have n more descriptors.
func roomFor(n int) (err error) {
	var taken []int
	for range n {
		var pair [2]int // where there is room for two there is for one
		if len(taken)+1 < n {
			pair, err = socketPair(unix.SOCK_DGRAM)
			taken = append(taken, pair[:]...)
		} else if pair[0], err = unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
			taken = append(taken, pair[0])
		}
		if err != nil || len(taken) >= n {
			break
		}
	}
	for _, fd := range taken {
		unix.Close(fd)
	}
	return err
}

// drop throws the next item away, after a RoomError.
func (q *Queue) drop() {
	q.s.change(context.Background(), Forever, func() verdict {
		if q.s.state(qCount) > 0 {
			q.dropFiles() // peek has dropped what stood before its own
			q.take()      // which finds them gone
		}
		return done
	})
}

// dropFiles throws the next packet away, and reports whether there was one.
func (q *Queue) dropFiles() bool {
	passed, err := receiveRights(q.recv, unix.CmsgSpace(4*MaxFiles))
	for _, fd := range passed {
		unix.Close(fd)
	}
	return err == nil
}

// accept takes the files that peek has received, within the same change.
func (q *Queue) accept(shipment) { q.s.addState(qTraveling, ^uint64(0)) }

// clear ends what accept has begun, after the item is gone.
func (q *Queue) clear(shipment) {}

// receiveRights receives a packet and returns its descriptors, close-on-exec.
func receiveRights(fd, room int) ([]int, error) {
	var b [8]byte
	_, passed, _, err := fds.ReceiveNow(fd, b[:], make([]byte, room))
	return passed, os.NewSyscallError("recvmsg", err)
}
