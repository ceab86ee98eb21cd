// Package scarce tries again what has failed for want of descriptors or memory, when
// the garbage of the program has been collected: a file, a socket or a lock that no
// script refers to any more stays open until then, and Go collects by the memory that
// is in use, not by what is open.
package scarce

import (
	"errors"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind/internal/glua"
)

// Retry calls open, which a function of L does; nil: of no script. If there is no
// descriptor for it, or no memory, garbage is collected and open called again.
func Retry[T any](L *lua.LState, open func() (T, error)) (T, error) {
	v, err := open()
	if !lacking(err) {
		return v, err
	}
	if L != nil {
		glua.Inside(L).ClearUnused()
	}
	runtime.GC()
	// What is collected is closed by others, one after the other.
	for pause := 100 * time.Microsecond; lacking(err) && (pause < enough || pause < patience && (elsewhere.Load() > 0 || closing())); pause *= 2 {
		time.Sleep(pause)
		v, err = open()
	}
	return v, err
}

const (
	enough   = 100 * time.Millisecond // for what nobody knows of
	patience = 2 * time.Second        // for what is known to be closed, which may be stuck
)

// elsewhere counts what Closing was called for and has not been closed.
var elsewhere atomic.Int64

// Closing says that what was collected is going to be closed by another goroutine than that of the collection, where Retry would
// not know of it. That one calls done when it is closed.
func Closing() (done func()) {
	elsewhere.Add(1)
	return func() { elsewhere.Add(-1) }
}

func lacking(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}

// closing says whether something of the last collection is still to be closed.
func closing() bool {
	queues := []glua.Reading{
		{Name: "/gc/cleanups/queued:cleanups"}, {Name: "/gc/cleanups/executed:cleanups"},
		{Name: "/gc/finalizers/queued:finalizers"}, {Name: "/gc/finalizers/executed:finalizers"},
	}
	glua.ReadMetrics(queues)
	for i := 0; i < len(queues); i += 2 {
		queued, known := queues[i].Uint64()
		executed, alsoKnown := queues[i+1].Uint64()
		if known && alsoKnown && queued > executed {
			return true
		}
	}
	return false
}
