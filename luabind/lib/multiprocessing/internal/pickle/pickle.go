// Package pickle reads and writes the plain data of Python's pickle, which its
// multiprocessing.connection sends: the other side of a connection may be Python.
//
// The format is a program for a stack machine, described in Lib/pickletools.py.
// Reading it is dangerous in Python, since the program may import and call
// anything. Nothing is called here: the only names that are understood are
// those in the table constructors, which stand for strings of bytes.
//
//	Python               Lua
//	None                 nil
//	True, False          booleans
//	int                  a number, if a number holds it exactly; else an error
//	float                a number
//	str                  a string, in UTF-8
//	bytes, bytearray     a string
//	list, tuple          a table with keys from 1; with n, how many, where some are None
//	dict                 a table; None as a value is a field that isn't there
//	set, frozenset       a table whose keys are the items, and whose values are true
//
// The other way a whole number up to 2^53 is an int, another one a float; a string
// that is UTF-8 is a str, another one bytes; a table whose keys are 1 to n, an
// empty one and one that says with n how many it has is a list, another one a
// dict. What was one table is one on the other side, in a cycle too.
//
// Neither way takes Go stack for nesting, nor memory for what a length promises.
package pickle

import "fmt"

// MaxSize is the longest pickle that is read, in bytes. Each of them takes as
// much memory as a table, at worst.
const MaxSize = 1 << 30

// The machine's instructions, as pickletools names them.
const (
	opMark            = '('
	opStop            = '.'
	opPop             = '0'
	opPopMark         = '1'
	opDup             = '2'
	opFloat           = 'F'
	opInt             = 'I'
	opBinInt          = 'J'
	opBinInt1         = 'K'
	opLong            = 'L'
	opBinInt2         = 'M'
	opNone            = 'N'
	opPersID          = 'P'
	opBinPersID       = 'Q'
	opReduce          = 'R'
	opString          = 'S'
	opBinString       = 'T'
	opShortBinString  = 'U'
	opUnicode         = 'V'
	opBinUnicode      = 'X'
	opAppend          = 'a'
	opBuild           = 'b'
	opGlobal          = 'c'
	opDict            = 'd'
	opEmptyDict       = '}'
	opAppends         = 'e'
	opGet             = 'g'
	opBinGet          = 'h'
	opInst            = 'i'
	opLongBinGet      = 'j'
	opList            = 'l'
	opEmptyList       = ']'
	opObj             = 'o'
	opPut             = 'p'
	opBinPut          = 'q'
	opLongBinPut      = 'r'
	opSetItem         = 's'
	opTuple           = 't'
	opEmptyTuple      = ')'
	opSetItems        = 'u'
	opBinFloat        = 'G'
	opProto           = 0x80
	opNewObj          = 0x81
	opExt1            = 0x82
	opExt2            = 0x83
	opExt4            = 0x84
	opTuple1          = 0x85
	opTuple2          = 0x86
	opTuple3          = 0x87
	opTrue            = 0x88
	opFalse           = 0x89
	opLong1           = 0x8a
	opLong4           = 0x8b
	opBinBytes        = 'B'
	opShortBinBytes   = 'C'
	opShortBinUnicode = 0x8c
	opBinUnicode8     = 0x8d
	opBinBytes8       = 0x8e
	opEmptySet        = 0x8f
	opAddItems        = 0x90
	opFrozenSet       = 0x91
	opNewObjEx        = 0x92
	opStackGlobal     = 0x93
	opMemoize         = 0x94
	opFrame           = 0x95
	opByteArray8      = 0x96
	opNextBuffer      = 0x97
	opReadonlyBuffer  = 0x98
)

// protocol is the one that is written: what Python 3.4 and newer read. The newest
// that is read is maxProtocol.
const (
	protocol    = 4
	maxProtocol = 5
)

// maxInt is the largest of the whole numbers that a number has all of.
const maxInt = 1 << 53

// An Error says what keeps a value from going to Python, or from coming.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

func errorf(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }
