package cluster

import (
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"luaspawn/proc/cluster/relay"
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

// connect connects, and goes on trying. said is told of each change.
func connect(a relay.Address, name, user, password, creds string, said func(connected bool, err error)) (*nats.Conn, error) {
	list := append(options(a, user, password, creds),
		nats.Name(name),
		nats.ConnectHandler(func(*nats.Conn) { said(true, nil) }),
		nats.ReconnectHandler(func(*nats.Conn) { said(true, nil) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { said(false, err) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { said(false, err) }))
	nc, err := nats.Connect(strings.Join(a.URLs, ","), list...)
	if err != nil {
		return nil, err
	}
	return nc, nil
}
