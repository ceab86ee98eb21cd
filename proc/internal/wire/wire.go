// Package wire holds what is said on the control channel between a process and
// a child that it started. It is a conversation of one side: the starter
// speaks, the child listens.
//
//	starter                                                  child
//	   hello  'H' 33  version nonce[32]            ---------->  is this meant for me?
//	   job    'J' 17  flags parent files payload   ---------->  what will come
//	   files  'F'  1  count, with the descriptors  ---------->  as often as needed
//	   raw bytes of the payload                    ---------->
//	   ... silence, as long as the starter lives ...
//	   end of file                                 ---------->  the starter has ended
//
// A frame is one byte that names its kind, one byte with the length of its
// body, and the body. Numbers are big-endian:
//
//	hello    0       1              33
//	         version nonce
//	job      0       1       5      9         17
//	         flags   parent  files  payload
//	files    0       1
//	         count
//
// Every kind of frame has one length, so a reader never takes a byte that
// belongs to the next frame. That matters twice: the descriptors of a files
// frame come with its first byte, and the hello can be looked at without being
// taken. The payload isn't framed; the job says how long it is.
//
// A reader believes nothing: whatever doesn't match the drawing is an error
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
)

const (
	version = 1

	kindHello = 'H'
	kindJob   = 'J'
	kindFiles = 'F'

	headSize  = 2
	helloBody = 1 + NonceSize
	jobBody   = 1 + 4 + 4 + 8
	filesBody = 1

	flagDaemon = 1 << 0
	flagsKnown = flagDaemon
)

// ErrBad says that the other side doesn't keep to the protocol.
var ErrBad = errors.New("malformed control channel")

// A Job tells a child what it is and what follows.
type Job struct {
	Daemon  bool   // end when the starter ends
	Parent  int    // the starter's process id, 0 to 2^31-1
	Files   int    // descriptors that follow, at most MaxFiles
	Payload uint64 // bytes that follow the descriptors, at most MaxPayload
}

// check reports whether j is within the limits.
func (j Job) check() error {
	switch {
	case j.Parent < 0 || j.Parent > math.MaxInt32:
		return fmt.Errorf("%w: process id %d", ErrBad, j.Parent)
	case j.Files < 0 || j.Files > MaxFiles:
		return fmt.Errorf("%w: %d files, at most %d are allowed", ErrBad, j.Files, MaxFiles)
	case j.Payload > MaxPayload || j.Payload > math.MaxInt:
		return fmt.Errorf("%w: a payload of %d bytes, at most %d are allowed", ErrBad, j.Payload, uint64(MaxPayload))
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
	if err := j.check(); err != nil {
		return b, err
	}
	var flags byte
	if j.Daemon {
		flags |= flagDaemon
	}
	b = append(b, kindJob, jobBody, flags)
	b = binary.BigEndian.AppendUint32(b, uint32(j.Parent))
	b = binary.BigEndian.AppendUint32(b, uint32(j.Files))
	return binary.BigEndian.AppendUint64(b, j.Payload), nil
}

// ReadJob reads a job frame. It returns io.EOF if there wasn't a single byte.
func ReadJob(r io.Reader) (Job, error) {
	var body [jobBody]byte
	if err := readFrame(r, kindJob, body[:]); err != nil {
		return Job{}, err
	}
	flags, parent, files := body[0], binary.BigEndian.Uint32(body[1:]), binary.BigEndian.Uint32(body[5:])
	// Compared before they become ints, which may have 32 bits.
	if flags&^flagsKnown != 0 || parent > math.MaxInt32 || files > MaxFiles {
		return Job{}, fmt.Errorf("%w: job with flags %#x, parent %d, %d files", ErrBad, flags, parent, files)
	}
	j := Job{
		Daemon:  flags&flagDaemon != 0,
		Parent:  int(parent),
		Files:   int(files),
		Payload: binary.BigEndian.Uint64(body[9:]),
	}
	return j, j.check()
}

// AppendFiles appends the frame that n descriptors travel with, 1 to
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

// readFrame reads a frame of the given kind, whose body must fill body exactly.
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
// a length which is a lie costs nothing. A payload that is cut off is
// io.ErrUnexpectedEOF.
func ReadPayload(r io.Reader, size uint64) ([]byte, error) {
	if err := (Job{Payload: size}).check(); err != nil {
		return nil, err
	}
	p := make([]byte, 0, min(size, firstPayload))
	for uint64(len(p)) < size {
		if len(p) == cap(p) {
			grown := make([]byte, len(p), min(size, uint64(len(p))*payloadGrowth))
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
// page is the dear part of it: 64 MiB are copied together from 21 MiB rather
// than from 63 MiB, and memory that nobody wrote to isn't there yet.
const (
	firstPayload  = 1 << 20
	payloadGrowth = 4
)

// unexpected turns an end of file into one that shouldn't be there.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
