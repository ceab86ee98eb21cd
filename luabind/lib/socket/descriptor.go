package socket

import (
	"runtime"
	"sync"
)

// A descriptor is an open socket of the system. It is closed by close, when it
// has become garbage, or at the end of its engine.
type descriptor struct {
	fd      handle
	set     *descriptors
	cleanup runtime.Cleanup
}

// descriptors has the open descriptors of one engine. It holds their numbers,
// not the descriptors, so that these can become garbage.
type descriptors struct {
	mu   sync.Mutex // cleanups run on a goroutine of the runtime
	open map[handle]struct{}
}

func newDescriptors() *descriptors { return &descriptors{open: map[handle]struct{}{}} }

// add takes over fd.
func (set *descriptors) add(fd handle) *descriptor {
	set.mu.Lock()
	set.open[fd] = struct{}{}
	set.mu.Unlock()
	d := &descriptor{fd: fd, set: set}
	d.cleanup = runtime.AddCleanup(d, set.close, fd)
	return d
}

func (set *descriptors) has(fd handle) bool {
	set.mu.Lock()
	defer set.mu.Unlock()
	_, ok := set.open[fd]
	return ok
}

func (d *descriptor) close() {
	d.cleanup.Stop()
	d.set.close(d.fd)
	runtime.KeepAlive(d)
}

func (set *descriptors) close(fd handle) {
	set.mu.Lock()
	defer set.mu.Unlock() // not before the number is free, or add could get it first
	if _, ok := set.open[fd]; ok {
		delete(set.open, fd)
		closeSocket(fd)
	}
}

func (set *descriptors) closeAll() {
	set.mu.Lock()
	defer set.mu.Unlock()
	for fd := range set.open {
		closeSocket(fd)
	}
	clear(set.open)
}
