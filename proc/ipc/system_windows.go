package ipc

import (
	"context"
	"os"
	"time"
)

// What follows would be Windows' way to share.

const (
	notifierFiles = 0
	courierFiles  = 0
	lineFiles     = 0
)

type memory struct {
	fd   int
	data []byte
}

func newMemory(int64) (*memory, error)              { return nil, ErrUnsupported }
func openMemory(int, int64, bool) (*memory, error)  { return nil, ErrUnsupported }
func (m *memory) id() (uint64, error)               { return 0, ErrUnsupported }
func (m *memory) close()                            {}
func (m *memory) extend(uint64) error               { return ErrUnsupported }
func (m *memory) punch(uint64, uint64)              {}
func (m *memory) pread([]byte, uint64) error        { return ErrUnsupported }
func (m *memory) pwrite([]byte, uint64) error       { return ErrUnsupported }
func (w *window) mapFile(*memory, uint64, uint64)   {}
func (w *window) unmap()                            {}
func closeDescriptor(int)                           {}
func duplicate(int, string) (*os.File, error)       { return nil, ErrUnsupported }
func takeDescriptor(f *os.File) (fd int, err error) { f.Close(); return -1, ErrUnsupported }
func inode(*os.File) (uint64, error)                { return 0, ErrUnsupported }
func newAppendFile() (*os.File, error)              { return nil, ErrUnsupported }

type bell struct{}

func newNotifier() (*notifier, error)           { return nil, ErrUnsupported }
func openNotifier([]int) *notifier              { return &notifier{} }
func (*bell) ring()                             {}
func (*bell) files() ([]*os.File, error)        { return nil, ErrUnsupported }
func (*bell) release()                          {}
func (*bell) sleeper(*segment) (sleeper, error) { return sleeper{}, ErrUnsupported }

type sleeper struct{}

func (s *segment) sleep(context.Context, time.Time, func(bool) verdict, bool) (verdict, error) {
	return blocked, ErrUnsupported
}

func identifyMyself() (identity, error) { return 0, ErrUnsupported }
func hasEnded(identity) bool            { return false }

type watch struct{}

func (watch) begin(identity, func()) (alive bool, err error) { return false, ErrUnsupported }
func (watch) ended(identity) bool                            { return false }
func (watch) end(identity)                                   {}

type courier struct{}

func newCourier() (courier, error)                     { return courier{}, ErrUnsupported }
func openCourier([]*os.File) (courier, error)          { return courier{}, ErrUnsupported }
func (courier) duplicates() ([]*os.File, error)        { return nil, nil }
func (courier) close()                                 {}
func (q *Queue) ship(uint64, []*os.File) (bool, error) { return false, ErrUnsupported }
func (q *Queue) peek(uint64, int) (shipment, error)    { return shipment{}, ErrUnsupported }
func (q *Queue) accept(shipment)                       {}
func (q *Queue) clear(shipment)                        {}

type shipment struct{ files []*os.File }

type line struct{}

func newLine() (a, b *line, err error)   { return nil, nil, ErrUnsupported }
func openLine([]*os.File) (*line, error) { return nil, ErrUnsupported }
func (*line) files() ([]*os.File, error) { return nil, nil }
func (*line) ended() bool                { return false }
func (*line) watch(func())               {}
func (*line) fd() int                    { return -1 }
func (*line) close()                     {}

// AwaitDescriptor would return when a descriptor has something to be read.
func AwaitDescriptor(context.Context, int) error { return ErrUnsupported }
