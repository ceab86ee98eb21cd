package ipc

import (
	"slices"
	"sync"
	"time"
)

// Spares are bodies that were sent. One whose file nobody has any more is written again: its pages are there, and to get
// them takes twice as long as to write them. Its zero value keeps none.
type Spares struct {
	// Most is how many are kept, for a second.
	Most int

	mu     sync.Mutex
	list   []*Body
	timer  *time.Timer // empties the list; nil: it wasn't used yet
	closed bool
}

const (
	maxSpare    = 128 << 20 // bytes of one
	spareUnused = time.Second
)

// Body returns an empty one, which goes to Keep when it was sent. Its error is that of NewBodyForReuse.
func (s *Spares) Body() (*Body, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range s.list {
		if b.Reuse() {
			s.list = slices.Delete(s.list, i, i+1)
			return b, nil
		}
	}
	return NewBodyForReuse()
}

// Keep takes one over that was sent.
func (s *Spares) Keep(b *Body) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.list) >= s.Most || b.Len() > maxSpare {
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

func (s *Spares) empty() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.list {
		b.Close()
	}
	s.list = nil
}

// Close closes all, and those that are kept later.
func (s *Spares) Close() {
	s.mu.Lock()
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	s.empty()
}
