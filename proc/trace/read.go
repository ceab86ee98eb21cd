package trace

import (
	"cmp"
	"encoding/binary"
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
	b, err := io.ReadAll(io.LimitReader(f, MaxSize))
	if err != nil {
		return nil, err
	}
	run, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}

func word(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

func parse(b []byte) (*Run, error) {
	if len(b) < unit || word(b, atMagic) != fileMagic {
		return nil, ErrBad
	}
	run := &Run{Wall: time.Unix(0, int64(word(b, atWall))), Clock: int64(word(b, atClock)), Full: word(b, atFull) != 0}
	known := map[uint64]*reader{}
	var order []*reader
	for at := unit; at+unit <= len(b); at += unit {
		if word(b, at) != cellMagic {
			continue // whoever has taken it hasn't come to write there
		}
		who := word(b, at+8)
		r := known[who]
		if r == nil {
			r = &reader{Process: &Process{Pid: int(uint32(who)), Number: int(who >> 32)}, strings: map[uint32]string{}, pieces: map[uint64][]byte{}}
			known[who] = r
			order = append(order, r)
		}
		r.pieces[word(b, at+16)] = b[at+cellSize : at+unit] // of two the one at the end
	}
	for _, r := range order {
		for _, n := range slices.Sorted(maps.Keys(r.pieces)) {
			r.piece(r.pieces[n])
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
	pieces  map[uint64][]byte
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
