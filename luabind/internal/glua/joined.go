package glua

import "unsafe"

// Joined is the string that a state and its coroutines have joined last. A script that appends to a string again and again
// gets each result in the place of the one before, as long as there is room behind it: what others have of it stays as
// it is.
type Joined struct{ last []byte }

// Strings of fewer bytes are copied at once, and such of more would stay here too long.
const (
	leastJoined = 1 << 10
	mostJoined  = 4 << 20
)

// Bytes returns the bytes of s, to be appended to, if s is the string that was joined last; else nil.
func (j *Joined) Bytes(s string) []byte {
	if len(s) == 0 || len(s) != len(j.last) || unsafe.StringData(s) != unsafe.SliceData(j.last) {
		return nil
	}
	return j.last
}

// String returns b as the string that was joined last. Nobody changes its bytes any more.
func (j *Joined) String(b []byte) string {
	if j.last = nil; len(b) >= leastJoined && len(b) <= mostJoined {
		j.last = b
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Made says that s was joined last, and has no room behind it.
func (j *Joined) Made(s string) {
	if j.last = nil; len(s) >= leastJoined && len(s) <= mostJoined {
		j.last = unsafe.Slice(unsafe.StringData(s), len(s))
	}
}
