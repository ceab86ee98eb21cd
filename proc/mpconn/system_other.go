//go:build !linux

package mpconn

import (
	"context"
	"net"
)

// dialFull would go on where err says that the listener's queue is full. Here that
// is a refusal like any other.
func dialFull(_ context.Context, _ string, err error) (net.Conn, error) { return nil, err }
