package ipc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
)

// An Array is numbers of one C type in shared memory, with an RLock that belongs
// to them. Each number is read and written at once, whether the lock is held or
// not.
//
//	array = owner type length
//	data  = numbers
type Array struct {
	*Lock
	code byte
	n    int
	data *memory
}

const (
	arrayCode   = 1
	arrayLength = 2
)

// ErrRange is returned by Set for a number that the type can't hold.
var ErrRange = errors.New("number out of range")

// Codes are the C types of an Array: b B h H i I l L are signed and unsigned
// integers of 1, 2, 4 and 8 bytes, f and d floating-point numbers of 4 and 8, c
// characters, which are bytes.
const Codes = "bBhHiIlLfdc"

// width returns the size of a type in bytes; 0: there is none of that name.
func width(code byte) int {
	switch code {
	case 'b', 'B', 'c':
		return 1
	case 'h', 'H':
		return 2
	case 'i', 'I', 'f':
		return 4
	case 'l', 'L', 'd':
		return 8
	}
	return 0
}

// NewArray returns n zeros of a type.
func NewArray(code byte, n int) (*Array, error) {
	size := width(code)
	if size == 0 {
		return nil, fmt.Errorf("ipc: no type %q: want one of %s", code, Codes)
	}
	if n < 0 || n > math.MaxInt64/16 {
		return nil, ErrRange
	}
	s, err := create(kindArray, int64(size)*int64(n), 0, uint64(code), uint64(n))
	if err != nil {
		return nil, err
	}
	return &Array{Lock: lockOf(s), code: code, n: n, data: s.memory}, nil
}

// OpenArray takes over the files of an array that another process has sent.
func OpenArray(files []*os.File) (*Array, error) {
	s, err := open(kindArray, files)
	if err != nil {
		return nil, err
	}
	a := &Array{Lock: lockOf(s), code: byte(s.state(arrayCode)), n: int(s.state(arrayLength)), data: s.memory}
	if size := width(a.code); size == 0 || a.n < 0 || a.n > (len(s.data)-atData)/size {
		s.closeAs(endedWell)
		return nil, ErrBad
	}
	return a, nil
}

// Code returns the type.
func (a *Array) Code() byte { return a.code }

// Len returns how many numbers there are.
func (a *Array) Len() int { return a.n }

// Get returns the number at i, from 0.
func (a *Array) Get(i int) (float64, error) {
	if a.data.data == nil {
		return 0, ErrClosed
	}
	b := a.at(i)
	switch a.code {
	case 'b':
		return float64(int8(b[0])), nil
	case 'B', 'c':
		return float64(b[0]), nil
	case 'h':
		return float64(int16(binary.NativeEndian.Uint16(b))), nil
	case 'H':
		return float64(binary.NativeEndian.Uint16(b)), nil
	case 'i':
		return float64(int32(binary.NativeEndian.Uint32(b))), nil
	case 'I':
		return float64(binary.NativeEndian.Uint32(b)), nil
	case 'l':
		return float64(int64(binary.NativeEndian.Uint64(b))), nil
	case 'L':
		return float64(binary.NativeEndian.Uint64(b)), nil
	case 'f':
		return float64(math.Float32frombits(binary.NativeEndian.Uint32(b))), nil
	default:
		return math.Float64frombits(binary.NativeEndian.Uint64(b)), nil
	}
}

// Check returns ErrRange if the type can't hold a number: one that isn't whole,
// say, where it has to be.
func (a *Array) Check(v float64) error {
	integer := func(low, high float64) error { // high is the first that is too high
		if v >= low && v < high && v == math.Trunc(v) {
			return nil
		}
		return ErrRange
	}
	switch a.code {
	case 'b':
		return integer(math.MinInt8, 1<<7)
	case 'B', 'c':
		return integer(0, 1<<8)
	case 'h':
		return integer(math.MinInt16, 1<<15)
	case 'H':
		return integer(0, 1<<16)
	case 'i':
		return integer(math.MinInt32, 1<<31)
	case 'I':
		return integer(0, 1<<32)
	case 'l':
		return integer(math.MinInt64, 1<<63)
	case 'L':
		return integer(0, 1<<64)
	case 'f':
		if !math.IsInf(v, 0) && math.IsInf(float64(float32(v)), 0) {
			return ErrRange
		}
	}
	return nil
}

// Set sets the number at i, from 0.
func (a *Array) Set(i int, v float64) error {
	if a.data.data == nil {
		return ErrClosed
	}
	if err := a.Check(v); err != nil {
		return err
	}
	b := a.at(i)
	switch a.code {
	case 'b':
		b[0] = byte(int8(v))
	case 'B', 'c':
		b[0] = byte(v)
	case 'h':
		binary.NativeEndian.PutUint16(b, uint16(int16(v)))
	case 'H':
		binary.NativeEndian.PutUint16(b, uint16(v))
	case 'i':
		binary.NativeEndian.PutUint32(b, uint32(int32(v)))
	case 'I':
		binary.NativeEndian.PutUint32(b, uint32(v))
	case 'l':
		binary.NativeEndian.PutUint64(b, uint64(int64(v)))
	case 'L':
		binary.NativeEndian.PutUint64(b, uint64(v))
	case 'f':
		binary.NativeEndian.PutUint32(b, math.Float32bits(float32(v)))
	default:
		binary.NativeEndian.PutUint64(b, math.Float64bits(v))
	}
	return nil
}

// Bytes returns the memory itself, until Close.
func (a *Array) Bytes() []byte { return a.data.data[atData:][:a.n*width(a.code)] }

func (a *Array) at(i int) []byte { return a.Bytes()[i*width(a.code):] }
