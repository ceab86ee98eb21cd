package multiprocessing

import (
	"encoding/binary"
	"os"
	"sync"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/multiprocessing/internal/board"
	"luaspawn/proc/ipc"
)

// Messages name functions and classes, and this file is about where the definitions of these are; see
// luabind.Definitions.
//
// Any relative of this process, an ancestor or a descendant of one, may read from a queue or pipe, and the next item may go to
// another one. So all of them share one log, which p:start() passes on:
//
//	record = count {ID, 16 bytes} definition
//
// A connection to a listener may lead to any process, so it has definitions of its own: the first message that
// needs a definition brings it along.
//
//	message = value | 'd' count {length record} value

// tree is a fact about this process: the log that it shares with its relatives.
var tree treeDefinitions

type treeDefinitions struct {
	sync.Mutex
	log   *ipc.Log // nil: there is none yet, or can't be
	room  int64    // before its records, for the board; 0: there is none
	known defined
}

// maxLog is how large the log may become. Functions and classes for which there is no room travel by value each time.
const maxLog = 64 << 20

// begin makes the log, if there is none.
func (d *treeDefinitions) begin() {
	if d.log == nil {
		d.room = board.Size
		if !mayBeLarge(d.room + maxLog) {
			d.room = 0
		}
		d.log, _ = ipc.NewLog(d.room) // without one, values are larger
	}
}

// hasBoard reports whether there is room for the board.
func (d *treeDefinitions) hasBoard() bool {
	d.Lock()
	defer d.Unlock()
	d.begin()
	return d.log != nil && d.room > 0
}

func (d *treeDefinitions) Has(id luabind.ID) bool {
	d.Lock()
	defer d.Unlock()
	return d.known[id] != nil
}

func (d *treeDefinitions) Define(ids []luabind.ID, definition []byte) bool {
	d.Lock()
	defer d.Unlock()
	d.begin()
	if d.log == nil {
		return false
	}
	d.update()
	if d.known.all(ids) { // another process was faster
		return true
	}
	record := appendRecord(nil, ids, definition)
	if size, err := d.log.Size(); err != nil || size+int64(len(record)) > maxLog || d.log.Append(record) != nil {
		return false
	}
	d.known.add(record)
	return true
}

func (d *treeDefinitions) Lookup(id luabind.ID) ([]byte, bool) {
	d.Lock()
	defer d.Unlock()
	if d.known[id] == nil && d.log != nil {
		d.update()
	}
	definition := d.known[id]
	return definition, definition != nil
}

// update reads what other processes have defined.
func (d *treeDefinitions) update() {
	d.log.Read(func(record []byte) { d.known.add(record) }) // what can't be read, Lookup doesn't find
}

// defined has the definitions that a process knows, by their IDs.
type defined map[luabind.ID][]byte

// add takes a record apart; false: it is none.
func (d *defined) add(record []byte) bool {
	n, size := binary.Uvarint(record)
	if size <= 0 || n > uint64(len(record)) {
		return false
	}
	rest := record[size:]
	ids := make([]luabind.ID, n)
	for i := range ids {
		var ok bool
		if ids[i], rest, ok = luabind.CutID(rest); !ok {
			return false
		}
	}
	if *d == nil {
		*d = defined{}
	}
	for _, id := range ids {
		if (*d)[id] == nil {
			(*d)[id] = rest
		}
	}
	return true
}

func (d defined) all(ids []luabind.ID) bool {
	for _, id := range ids {
		if d[id] == nil {
			return false
		}
	}
	return true
}

func appendRecord(b []byte, ids []luabind.ID, definition []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for _, id := range ids {
		b, _ = id.AppendBinary(b)
	}
	return append(b, definition...)
}

// definitions returns the file of the log, which each child gets, for adoptDefinitions; nil: there is
// none. It is the same file each time, and stays open.
func definitions() *os.File {
	tree.Lock()
	defer tree.Unlock()
	if tree.begin(); tree.log == nil {
		return nil
	}
	return tree.log.File()
}

// adoptDefinitions makes this process, a child, use the log of its parent,
// and the board if there is one.
func adoptDefinitions(f *os.File, hasBoard bool) {
	tree.Lock()
	defer tree.Unlock()
	if hasBoard {
		tree.room = board.Size
	}
	tree.log = ipc.OpenLog(f, tree.room)
}

// streamDefinitions are the definitions of a connection to a listener.
type streamDefinitions struct {
	sent     map[luabind.ID]bool // the other side has them, or will have them with pending
	pending  [][]byte            // records that go with the next value
	received defined
	records  [][]byte // those of received, for who gets the connection
}

func (d *streamDefinitions) Has(id luabind.ID) bool { return d.sent[id] || d.received[id] != nil }

func (d *streamDefinitions) Define(ids []luabind.ID, definition []byte) bool {
	if d.sent == nil {
		d.sent = map[luabind.ID]bool{}
	}
	for _, id := range ids {
		d.sent[id] = true
	}
	d.pending = append(d.pending, appendRecord(nil, ids, definition))
	return true
}

func (d *streamDefinitions) Lookup(id luabind.ID) ([]byte, bool) {
	definition := d.received[id]
	return definition, definition != nil
}

// with puts what is pending before a value.
func (d *streamDefinitions) with(value []byte) []byte {
	if len(d.pending) == 0 {
		return value
	}
	return append(appendRecords([]byte{valueDefinitions}, d.pending), value...)
}

// cut takes the records off a message, and returns the value behind them.
func (d *streamDefinitions) cut(message []byte) (value []byte, err error) {
	if len(message) == 0 || message[0] != valueDefinitions {
		return message, nil
	}
	return d.take(message[1:])
}

// take reads the records at the beginning of b, which appendRecords has appended, and returns what follows them.
func (d *streamDefinitions) take(b []byte) (rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 {
		return nil, errNoValue
	}
	for b = b[size:]; n > 0; n-- {
		length, size := binary.Uvarint(b)
		if size <= 0 || length > uint64(len(b)-size) {
			return nil, errNoValue
		}
		record := b[size : size+int(length) : size+int(length)]
		if b = b[size+int(length):]; !d.received.add(record) {
			return nil, errNoValue
		}
		d.records = append(d.records, record)
	}
	return b, nil
}

func appendRecords(b []byte, records [][]byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(records)))
	for _, r := range records {
		b = append(binary.AppendUvarint(b, uint64(len(r))), r...)
	}
	return b
}
