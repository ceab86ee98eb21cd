package relay

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// spooled is the length from which on a message is worth a file.
const spooled = 1 << 20

// BeginLong returns the frame that announces a message of total bytes, which comes in frames of kind Part.
func BeginLong(total int) Frame {
	return Frame{Kind: Long, Data: binary.LittleEndian.AppendUint32(nil, uint32(total))}
}

// Messages reads frames, and puts the parts of long messages together; other frames may come between the parts.
type Messages struct {
	In *bufio.Reader

	// Spool is called with the beginning of a message of a MiB or more, and returns where the message is to be written. If it returns
	// nil, or is nil, the message is put together in memory, as shorter ones are.
	Spool func(begin []byte) io.Writer

	total int // bytes of the long message
	left  int // bytes that are still to come
	long  Frame
	room  []byte
}

// A LostError is the error of a message that couldn't be kept.
type LostError struct {
	Size int
	Err  error
}

func (e *LostError) Error() string {
	return fmt.Sprintf("the machine can't keep its %d bytes: %v", e.Size, e.Err)
}

func (e *LostError) Unwrap() error { return e.Err }

// LostHead is how many bytes of the beginning of a lost message are kept.
const LostHead = 4 << 10

// Read is like the function Read, but never returns frames of the kinds Long and Part.
func (m *Messages) Read() (Frame, error) {
	for {
		if m.room == nil {
			m.room = make([]byte, 256<<10)
		}
		head, err := m.In.Peek(5)
		if err != nil || head[4] != Long && head[4] != Part {
			return Read(m.In)
		}
		f, err := ReadTo(m.room, m.In)
		switch {
		case err != nil:
			return f, err
		case f.Kind == Long:
			if m.left > 0 || len(f.Data) != 4 || binary.LittleEndian.Uint32(f.Data)-1 > maxFrame-1 {
				return f, fmt.Errorf("%w: a long message", ErrFrame)
			}
			m.total = int(binary.LittleEndian.Uint32(f.Data))
			m.left = m.total
			continue
		case len(f.Data) == 0 || len(f.Data) > m.left:
			return f, fmt.Errorf("%w: a part of a message", ErrFrame)
		}
		m.take(f.Data)
		if m.left -= len(f.Data); m.left == 0 {
			f, m.long = m.long, Frame{}
			return f, nil
		}
	}
}

// take takes a part of a long message.
func (m *Messages) take(part []byte) {
	l := &m.long
	if m.left == m.total { // the first one
		*l = Frame{Kind: Message}
		if m.Spool != nil && m.total >= spooled {
			l.Spool = m.Spool(part)
		}
		if l.Spool != nil {
			l.Data = append(l.Data, part[:min(len(part), LostHead)]...)
		} else {
			l.Data = make([]byte, 0, min(m.total, firstRoom)) // memory only for what comes, about
		}
	}
	switch {
	case l.Lost != nil:
	case l.Spool == nil:
		l.Data = append(l.Data, part...)
	default:
		if _, err := l.Spool.Write(part); err != nil {
			l.Lost = &LostError{m.total, err}
		}
	}
}
