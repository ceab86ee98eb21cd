package trace

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"
)

// Read reads what is in the file of a recording, also of a run that goes on or was killed.
// Whatever is no event is passed over.
func Read(path string) (*Run, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	run, err := parse(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}

func word(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

// parse reads a file twice: whose its pieces are, and then, process by process, what stands in
// them. So no more of it is in memory at a time than one piece.
func parse(f io.ReaderAt) (*Run, error) {
	b := make([]byte, unit)
	if n, err := f.ReadAt(b[:atClock+8], 0); n < atClock+8 || word(b, atMagic) != fileMagic {
		if err == io.EOF {
			err = nil
		}
		return nil, errors.Join(ErrBad, err)
	}
	run := &Run{Wall: time.Unix(0, int64(word(b, atWall))), Clock: int64(word(b, atClock)), Full: word(b, atFull) != 0}
	known := map[uint64]*reader{}
	var order []*reader
	for at := int64(unit); at < MaxSize; at += unit {
		if n, err := f.ReadAt(b[:cellSize], at); n < cellSize {
			if err != io.EOF {
				return nil, err
			}
			break
		}
		if word(b, 0) != cellMagic {
			continue // whoever has taken it hasn't come to write there
		}
		who := word(b, 8)
		r := known[who]
		if r == nil {
			r = &reader{Process: &Process{Pid: int(uint32(who)), Number: int(who >> 32)}, strings: map[uint32]string{}, pieces: map[uint64]int64{}}
			known[who] = r
			order = append(order, r)
		}
		r.pieces[word(b, 16)] = at // of two the one at the end
	}
	for _, r := range order {
		for _, n := range slices.Sorted(maps.Keys(r.pieces)) {
			size, err := f.ReadAt(b, r.pieces[n])
			if err != nil && err != io.EOF {
				return nil, err
			}
			r.piece(b[min(cellSize, size):size])
		}
		slices.SortStableFunc(r.Events, func(a, b Event) int { return cmp.Compare(a.Time, b.Time) })
		run.Processes = append(run.Processes, r.Process)
	}
	slices.SortFunc(run.Processes, func(a, b *Process) int { return cmp.Compare(a.Number, b.Number) })
	return run, nil
}

// A reader reads what one process has written.
type reader struct {
	*Process
	pieces  map[uint64]int64 // where they are
	strings map[uint32]string
}

func (r *reader) piece(b []byte) {
	for len(b) >= cellSize {
		head := word(b, 0)
		kind, aux, a := Kind(head), uint16(head>>16), uint32(head>>32)
		if kind == 0 || kind >= last {
			return // the end of what was written
		}
		if kind == kindString {
			size := cellsOf(int(aux)) * cellSize
			if size > len(b) {
				return
			}
			r.strings[a] = string(b[8 : 8+int(aux)])
			b = b[size:]
			continue
		}
		names := word(b, 24)
		r.Events = append(r.Events, Event{
			Kind: kind, Aux: aux, A: a, Time: int64(word(b, 8)), Object: word(b, 16),
			Text: r.strings[uint32(names)], File: r.strings[uint32(names>>32)], Line: int(int32(word(b, 32))),
		})
		b = b[cellSize:]
	}
}
