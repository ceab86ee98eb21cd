package mpconn

import (
	"errors"
	"net"
	"os"
)

// duplicate returns a duplicate of the descriptor of a connection or a listener.
func duplicate(any) (*os.File, error) { return nil, errors.ErrUnsupported }

// listen listens; the system chooses how long its queue is.
func listen(network, address string, _ int) (net.Listener, error) {
	return net.Listen(network, address)
}

// awaitReadable would return when a connection or a listener has something.
func awaitReadable(any) error { return errors.ErrUnsupported }
