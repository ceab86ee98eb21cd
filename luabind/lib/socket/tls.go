package socket

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/afero"
	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/internal/inside"
	"luaspawn/luabind/internal/lualib/arg"
	"luaspawn/luabind/internal/lualib/iolib"
)

// TLS, for HTTPS: a client that was connected goes on with it. All methods stay what they
// are; it can't travel any more. Its bytes are decrypted by the goroutine of the script, within its timeouts.

// TLS is what require "socket.tls" returns, and HTTPS what require "ssl.https" does, after LuaSec.
var (
	TLS   = luabind.Module{Name: "socket.tls", Open: openTLS, OnDemand: true, Manual: tlsManual}
	HTTPS = luabind.Module{Name: "ssl.https", Source: httpsSource, BeforeFiles: true, Manual: httpsManual} // LuaSec's needs its ssl.core
)

var (
	//go:embed lua/https.lua
	httpsSource string
	//go:embed stub_tls.lua
	tlsManual string
	//go:embed stub_https.lua
	httpsManual string
)

func openTLS(h *luabind.Host) (lua.LValue, error) {
	return glua.NewFunctions(inside.State(h), map[string]lua.LGFunction{
		"start": func(L *lua.LState) int { return startTLS(h, L) },
	}, 0), nil
}

// startTLS is tls.start(client, host [, options]).
func startTLS(h *luabind.Host, L *lua.LState) int {
	s, ok := arg.Value(L, 1).(*socket)
	if !ok {
		arg.Error(L, 1, classNames[client]+" expected")
	}
	cfg := &tls.Config{ServerName: arg.String(L, 2)}
	if L.Get(3) != lua.LNil {
		options := arg.Table(L, 3)
		if verify := glua.Named(options, "verify"); verify == lua.LString("none") || verify == lua.LFalse {
			cfg.InsecureSkipVerify = true
		}
		if name, ok := glua.Named(options, "cafile").(lua.LString); ok {
			pem, err := afero.ReadFile(h.Fs(), h.Path(string(name)))
			if err != nil {
				text, _ := iolib.Describe(L, err)
				return s.lib.fail(L, fmt.Errorf("%s: %s", string(name), text))
			}
			if cfg.RootCAs = x509.NewCertPool(); !cfg.RootCAs.AppendCertsFromPEM(pem) {
				return s.lib.fail(L, fmt.Errorf("no certificate in %s", string(name)))
			}
		}
	}
	if s.descriptor == nil {
		return s.lib.fail(L, errClosed)
	}
	s.checkFree(L, pollIn|pollOut)
	s.timeout.mark()
	// What was read ahead is the peer's first word of TLS: as one of what comes above TLS it would be anybody's.
	below := &plainConn{s: s, ahead: bytes.Clone(s.buffer.bytes())}
	s.buffer = buffer{}
	conn := tls.Client(below, cfg)
	if err := conn.Handshake(); err != nil {
		return s.lib.fail(L, plainError(err))
	}
	s.tls = conn
	L.Push(lua.LTrue)
	return 1
}

// plainConn is a socket below TLS.
type plainConn struct {
	s      *socket
	ahead  []byte // was read before TLS began
	atOnce bool   // nothing is read of the system
}

func (c *plainConn) Read(b []byte) (int, error) {
	if len(c.ahead) > 0 {
		n := copy(b, c.ahead)
		c.ahead = c.ahead[n:]
		return n, nil
	}
	if c.atOnce {
		return 0, laterError{}
	}
	n, err := c.s.readPlain(b)
	switch err {
	case errClosed:
		err = io.EOF
	case errTimeout:
		err = laterError{}
	}
	return n, err
}

func (c *plainConn) Write(b []byte) (int, error) { return c.s.writePlain(b) }

func (c *plainConn) Close() error                     { return nil }
func (c *plainConn) LocalAddr() net.Addr              { return nil }
func (c *plainConn) RemoteAddr() net.Addr             { return nil }
func (c *plainConn) SetDeadline(time.Time) error      { return nil }
func (c *plainConn) SetReadDeadline(time.Time) error  { return nil }
func (c *plainConn) SetWriteDeadline(time.Time) error { return nil }

// laterError is a timeout after which TLS may go on reading.
type laterError struct{}

func (laterError) Error() string   { return errTimeout.Error() }
func (laterError) Timeout() bool   { return true }
func (laterError) Temporary() bool { return true }

// plainError is what a script sees of an error of TLS.
func plainError(err error) error {
	var later laterError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &later), errors.Is(err, errTimeout):
		return errTimeout
	case errors.Is(err, errClosed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errClosed
	}
	return err
}

// dirty says whether receive has something without asking the system: in the buffer, or in what TLS has read.
func (s *socket) dirty() bool {
	if s.tls == nil || !s.buffer.empty() || s.awaited != 0 {
		return !s.buffer.empty()
	}
	below := s.tls.NetConn().(*plainConn)
	below.atOnce = true
	defer func() { below.atOnce = false }()
	return s.fill() != errTimeout
}

// read reads what comes next, above TLS where there is one.
func (s *socket) read(b []byte) (int, error) {
	if s.tls == nil {
		return s.readPlain(b)
	}
	n, err := s.tls.Read(b)
	return n, plainError(err)
}

// write sends all of data, or as much as it can, through TLS where there is one.
func (s *socket) write(data string) (sent int, err error) {
	if s.tls == nil {
		return s.writePlain(bytesOf(data))
	}
	sent, err = s.tls.Write([]byte(data))
	return sent, plainError(err)
}
