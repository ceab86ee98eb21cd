package relay

import (
	"context"
	"errors"
	"time"

	"luaspawn/proc/ipc"
)

// SendBody sends a body. It waits until the other side has taken enough of the earlier ones.
func SendBody(to *ipc.Pipe, b *ipc.Body) error {
	for {
		err := to.SendBody(context.Background(), b, 0, nil)
		if !errors.Is(err, ipc.ErrInFlight) {
			return err
		}
		<-time.After(time.Millisecond)
	}
}
