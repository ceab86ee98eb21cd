//go:build !linux || portable

package ipc

// A View is a look at an object from outside. Elsewhere than on Linux there are none.
type View struct{}

// Look looks at the object whose memory is descriptor fd of a process.
func Look(pid, fd int) (*View, error) { return nil, ErrUnsupported }

func (*View) Close()                       {}
func (*View) Pids() []int                  { return nil }
func (*View) Owner() (pid int, left bool)  { return 0, false }
func (*View) OnlyOwner() bool              { return false }
func (*View) Holders() []int               { return nil }
func (*View) Value() int                   { return 0 }
func (*View) Items() (n, most, undone int) { return 0, 0, 0 }
func (*View) IsSet() (bool, uint64)        { return false, 0 }
func (*View) Sleeps(int) bool              { return false }
func (*View) Awaited(int) (int, int, bool) { return 0, 0, false }
