package cluster

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// An Address is where servers are, as people write it:
//
//	nats://head:4222                       a server; more of them after commas
//	nats://head:4222#sha256:1f3c...        with TLS, and this certificate
//	tls://head:4222                        with TLS, and a certificate that the system trusts
type Address struct {
	URLs []string
	TLS  bool
	Pin  []byte // SHA-256 of the server's certificate; nil: it must be trusted by others
}

// DefaultAddress is that of serve, if nobody says otherwise.
const DefaultAddress = "nats://127.0.0.1:4222"

// maxAddress is how long an address may be.
const maxAddress = 1 << 12

// ParseAddress reads an address.
func ParseAddress(s string) (a Address, err error) {
	if len(s) > maxAddress {
		return a, errors.New("the address is too long")
	}
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if !strings.Contains(part, "://") {
			part = "nats://" + part
		}
		u, err := url.Parse(part)
		if err != nil {
			return a, fmt.Errorf("the address %q: %w", part, err)
		}
		if pin, ok := strings.CutPrefix(u.Fragment, "sha256:"); ok {
			if a.Pin, err = hex.DecodeString(pin); err != nil || len(a.Pin) != sha256.Size {
				return a, fmt.Errorf("the address %q: what follows #sha256: is no SHA-256", part)
			}
			a.TLS = true
		} else if u.Fragment != "" {
			return a, fmt.Errorf("the address %q: after # stands sha256: and the certificate's hash, or nothing", part)
		}
		switch u.Scheme {
		case "nats":
		case "tls":
			a.TLS = true
		default:
			return a, fmt.Errorf("the address %q: it begins with nats:// or tls://", part)
		}
		if u.Hostname() == "" {
			return a, fmt.Errorf("the address %q names no host", part)
		}
		if u.Port() == "" {
			u.Host = net.JoinHostPort(u.Hostname(), "4222")
		}
		u.Fragment = ""
		a.URLs = append(a.URLs, u.String())
	}
	return a, nil
}

var errPin = errors.New("the server has another certificate than the address says")

// options are how to connect: for ever.
func (a Address) options(user, password, creds string) []nats.Option {
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
func (a Address) connect(name, user, password, creds string, said func(connected bool, err error)) (*nats.Conn, error) {
	list := append(a.options(user, password, creds),
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
