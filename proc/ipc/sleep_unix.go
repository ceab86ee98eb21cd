//go:build unix

package ipc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// A sleeper is the descriptor of a notifier at which this process sleeps, in the runtime's
// poller. It stays the notifier's.
type sleeper struct {
	file    *os.File
	conn    syscall.RawConn
	expired bool // it has a deadline that must go first
}

// sleeper returns who sleeps at a notifier, once s has its slot.
func (b *notifier) sleeper(*segment) (sleeper, error) {
	conn, err := b.file.SyscallConn()
	return sleeper{file: b.file, conn: conn}, err
}

// sleep tries again after each notification, until the deadline or the end of ctx. Only
// what is busy is waited for if once is set.
func (s *segment) sleep(ctx context.Context, deadline time.Time, try func(bool) verdict, once bool) (v verdict, err error) {
	if err := ctx.Err(); err != nil {
		return blocked, err
	}
	if s.sleeper.expired || !deadline.IsZero() {
		s.sleeper.file.SetReadDeadline(deadline)
		s.sleeper.expired = !deadline.IsZero()
	}
	if ctx.Done() != nil {
		over := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(over)
			s.sleeper.file.SetReadDeadline(time.Unix(1, 0))
		})
		defer func() {
			if !stop() {
				<-over
				s.sleeper.expired = true
			}
		}()
	}
	err = s.sleeper.conn.Read(func(uintptr) bool {
		s.blind = false
		v = try(true)
		if s.blind {
			again := time.Now().Add(blindPause)
			if !deadline.IsZero() && deadline.Before(again) {
				again = deadline
			}
			s.sleeper.file.SetReadDeadline(again)
			s.sleeper.expired = true
		}
		return v == done || v == blocked && once
	})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return v, ctx.Err()
	}
	if err != nil {
		return v, fmt.Errorf("ipc: wait: %w", err)
	}
	return v, nil
}
