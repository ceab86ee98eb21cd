//go:build unix && (!linux || portable)

package socket

import (
	"context"
	"time"
)

// parker has nothing here.
type parker struct{}

// park waits as wait does, in a thread, and may return early.
func (p *poller) park(ctx context.Context, d time.Duration) error {
	stop := context.AfterFunc(ctx, p.interrupt)
	defer stop()
	if _, err := p.poll(d); err != nil {
		return err
	}
	return ctx.Err()
}

func (parker) close() {}
