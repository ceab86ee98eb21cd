package ipc

import "os"

// An Object is what all shared objects have in common.
type Object struct{ s *segment }

// Files returns duplicates of the object's descriptors, to be sent to another
// process and opened there.
func (o *Object) Files() ([]*os.File, error) {
	s := o.s
	if s.data == nil {
		return nil, ErrClosed
	}
	m, err := duplicate(s.fd, "shared memory")
	if err != nil {
		return nil, err
	}
	n, err := s.notifier.files()
	if err != nil {
		m.Close()
		return nil, err
	}
	return append([]*os.File{m}, n...), nil
}

// ID returns a number that two handles share if they are of one object.
func (o *Object) ID() (uint64, error) {
	s := o.s
	if s.data == nil {
		return 0, ErrClosed
	}
	return s.id()
}

// Descriptor returns the descriptor of the object's memory, by which others see how it
// stands; -1 where it is closed. It stays the object's.
func (o *Object) Descriptor() int {
	if o.s.closed.Load() {
		return -1
	}
	return o.s.fd
}

// FileID returns the ID of the object that files belong to, without opening it.
func FileID(files []*os.File) (uint64, error) {
	if len(files) == 0 {
		return 0, ErrBad
	}
	return inode(files[0])
}

// A Handle closes an object without referring to it, so that it may be collected
// as garbage.
type Handle struct{ s *segment }

// Close does what Close of the object does.
func (h Handle) Close() error { return h.s.closeAs(endedWell) }

// Fail is Close by a process that ends because of an error: a barrier that it is a
// party of breaks.
func (h Handle) Fail() error { return h.s.closeAs(endedBadly) }

// Closed says whether it was closed, as it is some time after nobody refers to
// the object any more and it isn't in use.
func (h Handle) Closed() bool { return h.s.closed.Load() }

// Handle returns the object's handle.
func (o *Object) Handle() Handle { return Handle{o.s} }

// Close forgets the object. What is held here stays held: it comes back only where
// a process ends without Close. A second call does nothing.
func (o *Object) Close() error { return o.s.closeAs(endedWell) }
