package relay

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// spooled is how long a message is that is worth a file.
const spooled = 1 << 20

// BeginLong says that a message of so many bytes comes in frames of kind Part.
func BeginLong(total int) Frame {
	return Frame{Kind: Long, Data: binary.LittleEndian.AppendUint32(nil, uint32(total))}
}

// Messages reads frames, and puts the parts of long messages together; others may come between them.
type Messages struct {
	In *bufio.Reader

	// Spool returns where a message of a MiB or more is to be written. Nil, or an error: it is put together in
	// memory, as shorter ones are.
	Spool func() (io.Writer, error)

	left int // bytes of a long message that are to come
	long Frame
	room []byte
}

// Read is as the function Read, but that it never returns Long and Part.
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
			m.begin(int(binary.LittleEndian.Uint32(f.Data)))
			continue
		case len(f.Data) > m.left:
			return f, fmt.Errorf("%w: a part of a message", ErrFrame)
		case m.long.Spool == nil:
			m.long.Data = append(m.long.Data, f.Data...)
		default:
			if _, err := m.long.Spool.Write(f.Data); err != nil {
				return f, err
			}
		}
		if m.left -= len(f.Data); m.left == 0 {
			f, m.long = m.long, Frame{}
			return f, nil
		}
	}
}

// begin begins with a long message.
func (m *Messages) begin(total int) {
	m.left, m.long = total, Frame{Kind: Message}
	if m.Spool != nil && total >= spooled {
		if w, err := m.Spool(); err == nil {
			m.long.Spool = w
			return
		}
	}
	m.long.Data = make([]byte, 0, min(total, firstRoom)) // memory only for what comes, about
}
