package ipc

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
)

// A Log is a list of records that all processes which have it may append to, without
// a lock, and read.
//
//	log    = {record | part of a record}
//	record = mark length crc32 bytes     length: 8 bytes, crc32 of the bytes: 4, little endian
//
// A process that dies may leave part of a record. Readers pass over it.
//
// Before the first record the file may have room for what else these processes share.
//
// It is for one goroutine at a time.
type Log struct {
	file *os.File // appends
	room int64
	read int64 // what stands before was read
}

const (
	logMark   = "\x00\xffrecord\xa5\x5a"
	logHeader = len(logMark) + 8 + 4
)

// NewLog returns an empty log, with so much room before it, which takes no memory until
// somebody writes there.
func NewLog(room int64) (*Log, error) {
	f, err := newAppendFile(room)
	if err != nil {
		return nil, err
	}
	return OpenLog(f, room), nil
}

// OpenLog takes over the file of a log that another process has sent.
func OpenLog(f *os.File, room int64) *Log { return &Log{file: f, room: room, read: room} }

// File returns what another process opens it by. It stays the log's.
func (l *Log) File() *os.File { return l.file }

// Size returns how many bytes the log takes.
func (l *Log) Size() (int64, error) {
	info, err := l.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size() - l.room, nil
}

// Append appends a record.
func (l *Log) Append(record []byte) error {
	b := make([]byte, 0, logHeader+len(record))
	b = append(b, logMark...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(record)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(record))
	return appendTo(l.file, append(b, record...))
}

// Read calls f with each record that has come since the last call, and now and then with
// one that it has seen.
func (l *Log) Read(f func(record []byte)) error {
	size, err := l.Size()
	if size += l.room; err != nil || size <= l.read {
		return err
	}
	all := make([]byte, size-l.read)
	if _, err := l.file.ReadAt(all, l.read); err != nil {
		return err
	}
	l.read += int64(scan(all, f))
	return nil
}

// scan calls f with the records in b, and returns how much of it need not be read again.
func scan(b []byte, f func(record []byte)) (done int) {
	done = -1 // it goes up to the first record that isn't whole
	at := 0
	for {
		i := bytes.Index(b[at:], []byte(logMark))
		if i < 0 {
			break
		}
		at += i
		record, whole := cutRecord(b[at:])
		switch {
		case record != nil:
			f(record)
			at += logHeader + len(record)
			continue
		case !whole && done < 0: // it is being written; or it will never be, and others follow
			done = at
		}
		at++
	}
	if done < 0 {
		done = max(at, len(b)-len(logMark)+1) // a mark may have begun
	}
	return done
}

// cutRecord returns the record at the beginning of b, where there is a mark; nil: it is
// none, or it isn't whole yet.
func cutRecord(b []byte) (record []byte, whole bool) {
	if len(b) < logHeader {
		return nil, false
	}
	n := binary.LittleEndian.Uint64(b[len(logMark):])
	sum := binary.LittleEndian.Uint32(b[len(logMark)+8:])
	rest := b[logHeader:]
	if n > uint64(len(rest)) {
		return nil, false
	}
	record = rest[:n:n]
	if crc32.ChecksumIEEE(record) != sum {
		return nil, true
	}
	return record, true
}
