package cluster

import (
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"luaspawn/proc/internal/relay"
)

var errPin = errors.New("the server has another certificate than the address says")

// options are how to connect: for ever.
func options(a relay.Address, user, password, creds string) []nats.Option {
	list := []nats.Option{
		nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true),
		nats.CustomReconnectDelay(func(attempts int) time.Duration { return min(time.Second, 20*time.Millisecond<<min(attempts, 6)) }),
		nats.ReconnectBufSize(-1), // sessions send again what was lost
		nats.PingInterval(3 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.Timeout(3 * time.Second),
		nats.DontRandomize(),
		nats.IgnoreAuthErrorAbort(),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // else it prints
	}
	if creds != "" {
		list = append(list, nats.UserCredentials(creds))
	} else if password != "" {
		list = append(list, nats.UserInfo(user, password))
	}
	if a.TLS {
		cfg := &tls.Config{MinVersion: tls.VersionTLS13}
		if a.Pin != nil {
			cfg.InsecureSkipVerify = true // it is compared itself
			cfg.VerifyConnection = func(s tls.ConnectionState) error {
				if len(s.PeerCertificates) == 0 {
					return errPin
				}
				if sum := sha256.Sum256(s.PeerCertificates[0].Raw); string(sum[:]) != string(a.Pin) {
					return errPin
				}
				return nil
			}
		}
		list = append(list, nats.Secure(cfg))
	}
	return list
}

// packetRoom is how long a packet of a session may be.
const packetRoom = 512 << 10

// fits returns an error where a server is set to refuse such packets.
func fits(nc *nats.Conn) error {
	if n := nc.MaxPayload(); n < packetRoom {
		return fmt.Errorf("the server takes messages of %d bytes at most, and %d are needed (max_payload: %d in its configuration)", n, packetRoom, packetRoom)
	}
	return nil
}

// withRemedy adds what may help against an error of a connection.
func withRemedy(err error, a relay.Address, creds string) error {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, nats.ErrNoServers):
		return errors.New("no server listens there")
	case errors.As(err, &certificate) && a.Pin == nil:
		return fmt.Errorf("%w (is the address whole? what serve prints ends in #sha256: and its certificate's hash)", err)
	case creds == "" && err != nil && strings.Contains(strings.ToLower(err.Error()), nats.AUTHORIZATION_ERR):
		return fmt.Errorf("%w (the server was made with other keys than those here; copy them from its directory)", err)
	}
	return err
}

// connect connects, and goes on trying. said is told of each change; a server that can't be used is as
// good as none.
func connect(a relay.Address, name, user, password, creds string, said func(connected bool, err error)) (*nats.Conn, error) {
	up := func(nc *nats.Conn) {
		err := fits(nc)
		said(err == nil, err)
	}
	down := func(_ *nats.Conn, err error) { said(false, withRemedy(err, a, creds)) }
	list := append(options(a, user, password, creds),
		nats.Name(name),
		nats.ConnectHandler(up),
		nats.ReconnectHandler(up),
		nats.DisconnectErrHandler(down),
		nats.ReconnectErrHandler(down))
	nc, err := nats.Connect(strings.Join(a.URLs, ","), list...)
	if err != nil {
		return nil, err
	}
	return nc, nil
}
