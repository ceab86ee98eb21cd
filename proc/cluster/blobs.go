package cluster

import (
	"slices"
	"sync"
	"time"

	"luaspawn/proc/internal/relay"
	"luaspawn/proc/ipc"
)

// blobs keeps the large blobs that came for one host, since another host may ask for them: the host of another pool of the same
// script, or of the next script with the same key. Hosts check that a blob has the hash by which it is known; nobody
// does so here. The zero value is empty.
type blobs struct {
	mu    sync.Mutex
	list  []storedBlob // that was used last at the end
	size  int
	timer *time.Timer // drops blobs that were not used for some time; nil: it never ran
}

type storedBlob struct {
	sum  relay.Sum
	body *ipc.Body // the whole message
	used time.Time
}

const (
	maxBlobs   = 256 << 20 // bytes of all
	blobUnused = time.Minute
)

// put keeps a blob, which is blobs' from then on.
func (s *blobs) put(sum relay.Sum, b *ipc.Body) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at(sum) >= 0 || b.Len() > maxBlobs {
		b.Close()
		return
	}
	s.list = append(s.list, storedBlob{sum, b, time.Now()})
	s.size += b.Len()
	for s.size > maxBlobs {
		s.drop()
	}
	if s.timer == nil {
		s.timer = time.AfterFunc(blobUnused, s.tick)
	} else if len(s.list) == 1 {
		s.timer.Reset(blobUnused)
	}
}

// get returns a blob, which is the caller's; nil: it isn't here.
func (s *blobs) get(sum relay.Sum) *ipc.Body {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.at(sum)
	if i < 0 {
		return nil
	}
	b, err := s.list[i].body.Share()
	if err != nil {
		return nil
	}
	it := s.list[i]
	it.used = time.Now()
	s.list = append(slices.Delete(s.list, i, i+1), it)
	return b
}

func (s *blobs) at(sum relay.Sum) int {
	return slices.IndexFunc(s.list, func(it storedBlob) bool { return it.sum == sum })
}

// drop closes the one that was used first.
func (s *blobs) drop() {
	s.size -= s.list[0].body.Len()
	s.list[0].body.Close()
	s.list = slices.Delete(s.list, 0, 1)
}

func (s *blobs) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.list) > 0 && time.Since(s.list[0].used) >= blobUnused {
		s.drop()
	}
	if len(s.list) > 0 {
		s.timer.Reset(max(0, blobUnused-time.Since(s.list[0].used)))
	}
}

// close closes all.
func (s *blobs) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.list) > 0 {
		s.drop()
	}
	if s.timer != nil {
		s.timer.Stop()
	}
}
