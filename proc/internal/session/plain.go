package session

import (
	"encoding/binary"
	"errors"
)

// What is sealed is
//
//	plain    = flags ack [first {fragment}]
//	flags    = byte, see below
//	ack      = the number of the fragment that is wanted next
//	first    = the number of the first fragment here
//	fragment = length<<2|more|first [total] data
//
// more is 1 if the message goes on in the next fragment. first is 2 in the first of several fragments; the length of the
// whole message, total, follows it. Numbers and lengths are uvarints. The data of a long fragment are sealed by
// themselves, so that they can be opened into the place where they belong.
const (
	flagGap = 1 << iota // there came a fragment that is not the next one
	flagBye             // the session is over
)

// MaxMessage is how long a message may be.
const MaxMessage = 1 << 30

const (
	maxFragment  = 480 << 10
	longFragment = 32 << 10 // a fragment of so many bytes, or more, has a packet of its own

	plainHead    = 1 + 2*binary.MaxVarintLen64 // bytes before the fragments, at most
	fragmentHead = 2 * binary.MaxVarintLen32   // before the data of one
)

// A fragment is a part of a message.
type fragment struct {
	data  []byte
	more  bool
	total int  // of the message, in the first of several fragments; else 0
	part  bool // it is one for Config.Part
	built bool // it is in no packet: a message that was put together, or opened where it belongs
}

var errPlain = errors.New("a packet is damaged")

// appendPlainHead appends what stands before fragments.
func appendPlainHead(b []byte, flags byte, ack uint64) []byte {
	return binary.AppendUvarint(append(b, flags), ack)
}

func appendFragment(b []byte, f fragment) []byte {
	return append(appendFragmentHead(b, f), f.data...)
}

// appendFragmentHead appends what stands before the data.
func appendFragmentHead(b []byte, f fragment) []byte {
	n := uint64(len(f.data)) << 2
	if f.more {
		n |= 1
	}
	if f.total > 0 {
		n |= 2
	}
	b = binary.AppendUvarint(b, n)
	if f.total > 0 {
		b = binary.AppendUvarint(b, uint64(f.total))
	}
	return b
}

// cutPlain reads what stands before fragments; rest is empty if there are none.
func cutPlain(b []byte) (flags byte, ack, first uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, 0, 0, nil, errPlain
	}
	flags, b = b[0], b[1:]
	ack, size := binary.Uvarint(b)
	if size <= 0 {
		return 0, 0, 0, nil, errPlain
	}
	if b = b[size:]; len(b) == 0 {
		return flags, ack, 0, nil, nil
	}
	first, size = binary.Uvarint(b)
	if size <= 0 {
		return 0, 0, 0, nil, errPlain
	}
	return flags, ack, first, b[size:], nil
}

// cutFragment takes a fragment off the beginning of b.
func cutFragment(b []byte) (f fragment, rest []byte, err error) {
	f, size, b, err := cutFragmentHead(b)
	if err != nil || size > len(b) {
		return f, nil, errPlain
	}
	f.data = b[:size:size]
	return f, b[size:], nil
}

// cutFragmentHead takes what stands before the data off the beginning of b, and returns how many bytes of data there are.
func cutFragmentHead(b []byte) (f fragment, length int, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n>>2 > maxFragment {
		return f, 0, nil, errPlain
	}
	f.more = n&1 != 0
	b = b[size:]
	if n&2 != 0 {
		total, size := binary.Uvarint(b)
		if size <= 0 || total == 0 || total > MaxMessage {
			return f, 0, nil, errPlain
		}
		f.total = int(total)
		b = b[size:]
	}
	return f, int(n >> 2), b, nil
}
