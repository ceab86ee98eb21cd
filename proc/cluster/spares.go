package cluster

import (
	"slices"
	"sync"
	"time"

	"luaspawn/proc/ipc"
)

// spares are files that a host was sent. One that nobody has any more is written again: its pages are there, and to
// get them takes twice as long as to write them. Its zero value is empty.
type spares struct {
	mu     sync.Mutex
	list   []*ipc.Body
	timer  *time.Timer // empties the list; nil: it wasn't used yet
	closed bool
}

const (
	maxSpares   = 2         // one is written while a child reads the other one
	maxSpare    = 128 << 20 // bytes of one
	spareUnused = time.Second
)

// body returns one to be written; nil: there is none.
func (s *spares) body() *ipc.Body {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range s.list {
		if b.Reuse() {
			s.list = slices.Delete(s.list, i, i+1)
			return b
		}
	}
	b, err := ipc.NewBodyForReuse()
	if err != nil {
		b, err = ipc.NewBody()
	}
	if err != nil {
		return nil
	}
	return b
}

// keep takes one that was sent, for some time.
func (s *spares) keep(b *ipc.Body) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.list) == maxSpares || b.Len() > maxSpare {
		b.Close()
		return
	}
	s.list = append(s.list, b)
	if s.timer == nil {
		s.timer = time.AfterFunc(spareUnused, s.empty)
	} else {
		s.timer.Reset(spareUnused)
	}
}

func (s *spares) empty() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.list {
		b.Close()
	}
	s.list = nil
}

// close closes all, and those that are kept later.
func (s *spares) close() {
	s.mu.Lock()
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	s.empty()
}
