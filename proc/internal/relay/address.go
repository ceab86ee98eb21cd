package relay

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// An Address is where servers are, as people write it:
//
//	nats://head:4222                       a server; more of them after commas
//	nats://head:4222#sha256:1f3c...        with TLS, and this certificate
//	tls://head:4222                        with TLS, and a certificate that the system trusts
type Address struct {
	URLs []string
	TLS  bool
	Pin  []byte // SHA-256 of the server's certificate; nil: the system must trust it
}

// DefaultAddress is where luaspawnd serve listens by default.
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
		if port := u.Port(); port != "" {
			if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
				return a, fmt.Errorf("the address %q: %s is no port", part, port)
			}
		} else {
			u.Host = net.JoinHostPort(u.Hostname(), "4222")
		}
		u.Fragment = ""
		a.URLs = append(a.URLs, u.String())
	}
	return a, nil
}
