package trace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// bytesOf makes a file of pieces, each of one unit.
func bytesOf(pieces ...[]uint64) []byte {
	b := make([]byte, unit*(1+len(pieces)))
	binary.LittleEndian.PutUint64(b[atMagic:], fileMagic)
	for i, words := range pieces {
		for j, w := range words {
			binary.LittleEndian.PutUint64(b[unit*(1+i)+8*j:], w)
		}
	}
	return b
}

func TestParse(t *testing.T) {
	if _, err := parse(strings.NewReader("#!/bin/sh\n")); !errors.Is(err, ErrBad) {
		t.Errorf("got %v, want %v", err, ErrBad)
	}
	head := []uint64{cellMagic, 5 | 1<<32, 0, 0, 0}
	event := []uint64{uint64(Put), 9, 0, 0, 0}
	cut := []uint64{0, 9, 9, 9, 9} // the first word is written last
	run, err := parse(bytes.NewReader(bytesOf(nil, append(append(append([]uint64{}, head...), event...), cut...))))
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Processes) != 1 || len(run.Processes[0].Events) != 1 {
		t.Errorf("got %+v, want one event of one process", run.Processes)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(bytesOf(nil, []uint64{cellMagic, 5 | 1<<32, 0, 0, 0, uint64(kindString) | 100<<16 | 1<<32, 'a', 'b', 'c'}))
	f.Add(bytesOf([]uint64{cellMagic, 5, 0, 0, 0, uint64(Begin), 1, 2, 1<<32 | 1, 4}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<20 {
			return
		}
		parse(bytes.NewReader(b))
	})
}
