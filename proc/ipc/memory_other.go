//go:build !linux

package ipc

import "os"

// memory would be what other processes map too.
type memory struct {
	fd   int
	data []byte
}

func newMemory(int64) (*memory, error)              { return nil, ErrUnsupported }
func openMemory(int, int64, bool) (*memory, error)  { return nil, ErrUnsupported }
func (m *memory) id() (uint64, error)               { return 0, ErrUnsupported }
func (m *memory) close()                            {}
func closeDescriptor(int)                           {}
func duplicate(int, string) (*os.File, error)       { return nil, ErrUnsupported }
func takeDescriptor(f *os.File) (fd int, err error) { f.Close(); return -1, ErrUnsupported }

func (m *memory) extend(uint64) error             { return ErrUnsupported }
func (m *memory) punch(uint64, uint64)            {}
func (m *memory) pread([]byte, uint64) error      { return ErrUnsupported }
func (m *memory) pwrite([]byte, uint64) error     { return ErrUnsupported }
func (w *window) mapFile(*memory, uint64, uint64) {}
func (w *window) unmap()                          {}
