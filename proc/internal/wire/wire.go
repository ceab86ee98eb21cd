// Package wire has the protocol of the control channel between a process and
// a child that it has started. The parent sends, and the child answers with
// one byte, or with two if it is a prestarted child.
//
//	starter                                                  child
//	   hello  'H' 33  version nonce[32]            ---------->  is this meant for me?
//	 to a child that is to be kept ready:
//	   wait   'W'  1  flags, perhaps a descriptor  ---------->  the job comes later
//	                                       Ready   <----------  it may come now
//	   note   'N'  4  size                         ---------->  what the job may need,
//	   raw bytes of the note                       ---------->  as often as there is something
//	   wake  'R'  0                               ---------->  the job is about to come
//	 to every child:
//	   job    'J' 29  flags parent onto files payload room -->  what will come
//	   onto   'O'  4  number, with a descriptor    ---------->  which takes this number in the child
//	   files  'F'  1  count, with the descriptors  ---------->  as often as needed
//	   raw bytes of the payload                    ---------->
//	 by one that was not kept ready, after the job:
//	                                       Taken   <----------  it reacts to signals as it should
//	 to a child that was kept ready:
//	   go     'G'  0                               ---------->  it is what it should be
//	 of such a child, and where threads are scarce of every one:
//	                                       Taken   <----------  it does the job
//	   ... silence, as long as the starter lives ...
//	   end of file                                 ---------->  the starter has ended
//
// A frame is one byte that names its kind, one byte with the length of its
// body, and the body. Numbers are big-endian:
//
//	hello    0       1              33
//	         version nonce
//	wait     0
//	         flags
//	note     0       4
//	         size
//	job      0       1       5      9      13       21     29
//	         flags   parent  onto   files  payload  room
//	onto     0       4
//	         number
//	files    0       1
//	         count
//
// Every kind of frame has one length. Descriptors come at the latest with the
// first byte of the frame that speaks of them, and in the order of the frames.
// Notes and the payload aren't framed; what comes before says how long they are.
//
// A reader checks everything: whatever doesn't have this form is an error
// that matches [ErrBad].
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Limits, checked by those who write and by those who read.
const (
	// NonceSize is the length of a nonce in bytes.
	NonceSize = 32
	// HelloSize is the length of a whole hello frame in bytes.
	HelloSize = headSize + helloBody
	// MaxFrame is the length of the longest frame in bytes.
	MaxFrame = HelloSize
	// MaxFiles is the largest number of descriptors in one job.
	MaxFiles = 1 << 16
	// MaxFilesPerFrame is the largest number of descriptors that Linux
	// takes in one message (SCM_MAX_FD in include/net/scm.h).
	MaxFilesPerFrame = 253
	// MaxPayload is the largest payload in bytes, a tebibyte. It keeps
	// nonsense out; what is really there is limited by the reader's memory.
	MaxPayload = 1 << 40
	// MaxRoom is how much room at most a byte of the payload can have.
	MaxRoom = 128
	// MaxNote is the largest size of a note in bytes.
	MaxNote = 16 << 20
	// MaxOnto is how many descriptors can be given numbers in the
	// child at most. These numbers are less than it too.
	MaxOnto = 1 << 20
)

// The answers of a child: each comes once, in this order.
const (
	Ready = 'r' // it may be given its job
	Taken = 't' // it has got it
)

const (
	version = 6

	kindHello = 'H'
	kindWait  = 'W'
	kindNote  = 'N'
	kindWake  = 'R'
	kindGo    = 'G'
	kindJob   = 'J'
	kindOnto  = 'O'
	kindFiles = 'F'

	headSize  = 2
	helloBody = 1 + NonceSize
	waitBody  = 1
	noteBody  = 4
	jobBody   = 1 + 4 + 4 + 4 + 8 + 8
	ontoBody  = 4
	filesBody = 1

	flagDaemon   = 1 << 0
	flagOwnGroup = 1 << 1
	flagThreads  = 1 << 2
	flagStanding = 1 << 3
	flagsKnown   = flagDaemon | flagOwnGroup | flagThreads | flagStanding

	waitSingle   = 1 << 0 // of a wait frame
	waitStanding = 1 << 1
)

// ErrBad says that the other side doesn't keep to the protocol.
var ErrBad = errors.New("malformed control channel")

// A Job tells a child what it is and what follows.
type Job struct {
	Daemon   bool   // end when the starter ends
	OwnGroup bool   // stay out of the starter's process group
	Threads  bool   // make the threads that may be needed, which are scarce, and say Taken
	Standing bool   // the first of the files is one that all children get
	Parent   int    // the starter's process id, 0 to 2^31-1
	Onto     int    // descriptors with a number that come first, at most MaxOnto
	Files    int    // descriptors that follow, at most MaxFiles
	Payload  uint64 // bytes that follow the descriptors, at most MaxPayload
	Room     uint64 // bytes of memory to have at hand, at most MaxRoom times Payload
}

// Check reports whether j is within the limits.
func (j Job) Check() error {
	switch {
	case j.Parent < 0 || j.Parent > math.MaxInt32:
		return fmt.Errorf("%w: process id %d", ErrBad, j.Parent)
	case j.Onto < 0 || j.Onto > MaxOnto:
		return fmt.Errorf("%w: %d descriptors with a number, at most %d are allowed", ErrBad, j.Onto, MaxOnto)
	case j.Files < 0 || j.Files > MaxFiles:
		return fmt.Errorf("%w: %d files, at most %d are allowed", ErrBad, j.Files, MaxFiles)
	case j.Standing && j.Files == 0:
		return fmt.Errorf("%w: no file, and the first one is for all children", ErrBad)
	case j.Payload > MaxPayload || j.Payload > math.MaxInt:
		return fmt.Errorf("%w: a payload of %d bytes, at most %d are allowed", ErrBad, j.Payload, uint64(MaxPayload))
	case j.Room > j.Payload*MaxRoom || j.Room > math.MaxInt:
		return fmt.Errorf("%w: room of %d bytes for a payload of %d", ErrBad, j.Room, j.Payload)
	}
	return nil
}

// AppendHello appends a hello frame. A nonce of another length than NonceSize
// is a mistake of the caller's, and panics.
func AppendHello(b []byte, nonce string) []byte {
	if len(nonce) != NonceSize {
		panic(fmt.Sprintf("wire: a nonce of %d bytes", len(nonce)))
	}
	b = append(b, kindHello, helloBody, version)
	return append(b, nonce...)
}

// ReadHello reads a hello frame and returns its nonce.
// It returns io.EOF if there wasn't a single byte.
func ReadHello(r io.Reader) (nonce string, err error) {
	var body [helloBody]byte
	if err := readFrame(r, kindHello, body[:]); err != nil {
		return "", err
	}
	if body[0] != version {
		return "", fmt.Errorf("%w: version %d, want %d", ErrBad, body[0], version)
	}
	return string(body[1:]), nil
}

// AppendJob appends a job frame, or returns an error if j is beyond the limits.
func AppendJob(b []byte, j Job) ([]byte, error) {
	if err := j.Check(); err != nil {
		return b, err
	}
	var flags byte
	if j.Daemon {
		flags |= flagDaemon
	}
	if j.OwnGroup {
		flags |= flagOwnGroup
	}
	if j.Threads {
		flags |= flagThreads
	}
	if j.Standing {
		flags |= flagStanding
	}
	b = append(b, kindJob, jobBody, flags)
	b = binary.BigEndian.AppendUint32(b, uint32(j.Parent))
	b = binary.BigEndian.AppendUint32(b, uint32(j.Onto))
	b = binary.BigEndian.AppendUint32(b, uint32(j.Files))
	b = binary.BigEndian.AppendUint64(b, j.Payload)
	return binary.BigEndian.AppendUint64(b, j.Room), nil
}

// readJob reads the body of a job frame.
func readJob(body []byte) (Job, error) {
	flags, parent := body[0], binary.BigEndian.Uint32(body[1:])
	onto, files := binary.BigEndian.Uint32(body[5:]), binary.BigEndian.Uint32(body[9:])
	// Compared before they become ints, which may have 32 bits.
	if flags&^flagsKnown != 0 || parent > math.MaxInt32 || onto > MaxOnto || files > MaxFiles {
		return Job{}, fmt.Errorf("%w: job with flags %#x, parent %d, %d descriptors, %d files", ErrBad, flags, parent, onto, files)
	}
	j := Job{
		Daemon:   flags&flagDaemon != 0,
		OwnGroup: flags&flagOwnGroup != 0,
		Threads:  flags&flagThreads != 0,
		Standing: flags&flagStanding != 0,
		Parent:   int(parent),
		Onto:     int(onto),
		Files:    int(files),
		Payload:  binary.BigEndian.Uint64(body[13:]),
		Room:     binary.BigEndian.Uint64(body[21:]),
	}
	return j, j.Check()
}

// AppendWait appends the frame that says that the job comes later. For single and
// standing see Order.
func AppendWait(b []byte, single, standing bool) []byte {
	var flags byte
	if single {
		flags |= waitSingle
	}
	if standing {
		flags |= waitStanding
	}
	return append(b, kindWait, waitBody, flags)
}

// AppendNote appends a frame that says that a note of size bytes follows. More
// than MaxNote bytes are a mistake of the caller's, and panic.
func AppendNote(b []byte, size int) []byte {
	if size < 0 || size > MaxNote {
		panic(fmt.Sprintf("wire: a note of %d bytes", size))
	}
	b = append(b, kindNote, noteBody)
	return binary.BigEndian.AppendUint32(b, uint32(size))
}

// An Order is what a child is told next.
type Order struct {
	Kind     Kind
	Job      Job  // for KindJob
	Size     int  // of the note that follows, for KindNote
	Single   bool // GOMAXPROCS=1 was added to the environment, for KindWait
	Standing bool // a descriptor has come with it, for KindWait
}

// Kind is the kind of an Order.
type Kind byte

const (
	KindWait Kind = kindWait
	KindNote Kind = kindNote
	KindWake Kind = kindWake
	KindJob  Kind = kindJob
)

// body returns the length of an order's body, or -1 if kind is no kind of order.
func (k Kind) body() int {
	switch k {
	case KindWait:
		return waitBody
	case KindNote:
		return noteBody
	case KindWake:
		return 0
	case KindJob:
		return jobBody
	}
	return -1
}

// Wake is the frame that says that the job is about to come.
var Wake = []byte{kindWake, 0}

// Go is the frame that tells a prestarted child to begin with its job.
var Go = []byte{kindGo, 0}

// ReadGo reads a go frame. It returns io.EOF if there wasn't a single byte.
func ReadGo(r io.Reader) error { return readFrame(r, kindGo, nil) }

// ReadOrder reads a wait, note, wake or job frame. It returns io.EOF if there wasn't
// a single byte.
func ReadOrder(r io.Reader) (Order, error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Order{}, err
	}
	o := Order{Kind: Kind(head[0])}
	size := o.Kind.body()
	if int(head[1]) != size {
		return Order{}, fmt.Errorf("%w: frame %q of %d bytes, want an order", ErrBad, head[0], head[1])
	}
	var body [jobBody]byte
	if _, err := io.ReadFull(r, body[:size]); err != nil {
		return Order{}, unexpected(err)
	}
	var err error
	switch o.Kind {
	case KindWait:
		o.Single, o.Standing = body[0]&waitSingle != 0, body[0]&waitStanding != 0
		if body[0]&^(waitSingle|waitStanding) != 0 {
			err = fmt.Errorf("%w: wait with flags %#x", ErrBad, body[0])
		}
	case KindNote:
		n := binary.BigEndian.Uint32(body[:])
		if n > MaxNote {
			return o, fmt.Errorf("%w: a note of %d bytes, at most %d are allowed", ErrBad, n, MaxNote)
		}
		o.Size = int(n)
	case KindJob:
		o.Job, err = readJob(body[:])
	}
	return o, err
}

// AppendOnto appends a frame with which a descriptor travels. The descriptor gets
// this number in the child; it must be less than MaxOnto, else AppendOnto
// panics.
func AppendOnto(b []byte, number int) []byte {
	if number < 0 || number >= MaxOnto {
		panic(fmt.Sprintf("wire: descriptor %d", number))
	}
	b = append(b, kindOnto, ontoBody)
	return binary.BigEndian.AppendUint32(b, uint32(number))
}

// ReadOnto reads an onto frame and returns its number. It returns io.EOF if
// there wasn't a single byte.
func ReadOnto(r io.Reader) (number int, err error) {
	var body [ontoBody]byte
	if err := readFrame(r, kindOnto, body[:]); err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(body[:])
	if n >= MaxOnto {
		return 0, fmt.Errorf("%w: descriptor %d", ErrBad, n)
	}
	return int(n), nil
}

// AppendFiles appends a frame with which n descriptors travel, 1 to
// MaxFilesPerFrame. Another n is a mistake of the caller's, and panics.
func AppendFiles(b []byte, n int) []byte {
	if n < 1 || n > MaxFilesPerFrame {
		panic(fmt.Sprintf("wire: %d descriptors in one frame", n))
	}
	return append(b, kindFiles, filesBody, byte(n))
}

// ReadFiles reads a files frame and returns how many descriptors came with it,
// 1 to MaxFilesPerFrame. It returns io.EOF if there wasn't a single byte.
func ReadFiles(r io.Reader) (n int, err error) {
	var body [filesBody]byte
	if err := readFrame(r, kindFiles, body[:]); err != nil {
		return 0, err
	}
	n = int(body[0])
	if n < 1 || n > MaxFilesPerFrame {
		return 0, fmt.Errorf("%w: %d descriptors in one frame", ErrBad, n)
	}
	return n, nil
}

// readFrame reads a frame of the given kind. Its body must fill body exactly.
// It returns io.EOF if there wasn't a single byte, io.ErrUnexpectedEOF if the
// frame is cut off.
func readFrame(r io.Reader, kind byte, body []byte) error {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	if head[0] != kind || int(head[1]) != len(body) {
		return fmt.Errorf("%w: frame %q of %d bytes, want %q of %d", ErrBad, head[0], head[1], kind, len(body))
	}
	if _, err := io.ReadFull(r, body); err != nil {
		return unexpected(err)
	}
	return nil
}

// ReadPayload reads size bytes. It takes memory as they arrive, at most
// payloadGrowth times what has come and never less than firstPayload, so that
// a length which is a lie costs no more. A payload that is cut off is
// io.ErrUnexpectedEOF. Prepare is called with memory that nothing has been
// written to yet, and may be nil.
func ReadPayload(r io.Reader, size uint64, prepare func([]byte)) ([]byte, error) {
	if err := (Job{Payload: size}).Check(); err != nil {
		return nil, err
	}
	p := []byte{}
	for uint64(len(p)) < size {
		if len(p) == cap(p) {
			grown := make([]byte, len(p), min(size, max(firstPayload, uint64(len(p))*payloadGrowth)))
			if prepare != nil {
				prepare(grown)
			}
			copy(grown, p)
			p = grown
		}
		n, err := io.ReadFull(r, p[len(p):cap(p)])
		p = p[:len(p)+n]
		if err != nil {
			return nil, unexpected(err)
		}
	}
	return p, nil
}

// The buffer of a payload grows by a large factor, because touching a fresh
// page is the dear part of it: 64 MiB are copied together from 4 MiB.
const (
	firstPayload  = 4 << 20
	payloadGrowth = 16
)

// unexpected turns io.EOF into io.ErrUnexpectedEOF.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
