//go:build linux

package socket_test

import (
	"crypto/tls"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"luaspawn/luabind"
)

// serveTLS calls f with each connection, and the configuration with which TLS may begin there. It returns the port.
func serveTLS(t *testing.T, f func(net.Conn, *tls.Config)) string {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	cfg := &tls.Config{Certificates: s.TLS.Certificates, DynamicRecordSizingDisabled: true}
	s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				f(c, cfg)
			}()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// runTLS runs a script that has socket, tls, and the port of a server.
func runTLS(t *testing.T, port, script string) {
	t.Helper()
	e, err := luabind.New(config())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Run(t.Context(), "=script", strings.NewReader(`
		local socket, tls, port = require "socket", require "socket.tls", ...
		`+script), port); err != nil {
		t.Error(err)
	}
}

// What TLS has decrypted can be received without a word from the system: select and dirty say so.
func TestTLSAhead(t *testing.T) {
	port := serveTLS(t, func(c net.Conn, cfg *tls.Config) {
		s := tls.Server(c, cfg)
		s.Write([]byte(strings.Repeat("x", 16<<10)))
		s.Read(make([]byte, 1))
	})
	runTLS(t, port, `
		local c = assert(socket.connect("127.0.0.1", port))
		assert(c:dirty() == false)
		assert(tls.start(c, "example.com", {verify = "none"}))
		local n = 0
		while n < 16384 do
			local ready = socket.select({c}, nil, 20)
			assert(ready[1] == c, n)
			n = n + #assert(c:receive(1024))
		end
		assert(c:dirty() == false)
		assert(#socket.select({c}, nil, 0.01) == 0)
		c:close()`)
}

// What comes before TLS begins isn't taken for what TLS protects, if somebody who can't speak for the server adds to it.
func TestTLSInjected(t *testing.T) {
	port := serveTLS(t, func(c net.Conn, cfg *tls.Config) {
		c.Write([]byte("go ahead\ninjected\n"))
		s := tls.Server(c, cfg)
		s.Write([]byte("genuine\n"))
		s.Read(make([]byte, 1))
	})
	runTLS(t, port, `
		local c = assert(socket.connect("127.0.0.1", port))
		assert(c:receive() == "go ahead")
		local ok, err = tls.start(c, "example.com", {verify = "none"})
		assert(not ok and err:find("tls: first record does not look like a TLS handshake", 1, true), err or c:receive())`)
}

// A handler of a signal that uses a socket of TLS which the script waits for gets an error.
func TestTLSHandler(t *testing.T) {
	port := serveTLS(t, func(c net.Conn, cfg *tls.Config) {
		s := tls.Server(c, cfg)
		s.Read(make([]byte, 1))
		s.Read(make([]byte, 1))
		s.Write([]byte("line\n"))
	})
	runTLS(t, port, `
		local signal = require "signal"
		local c = assert(socket.connect("127.0.0.1", port))
		assert(tls.start(c, "example.com", {verify = "none"}))
		c:send("1")
		local refused, sent
		signal.signal("ALRM", function()
			if debug.getinfo(2, "f").func ~= c.receive then return signal.alarm(0.01) end
			refused, sent = not pcall(c.receive, c), pcall(c.send, c, "2")
			error("refused", 0)
		end)
		signal.alarm(0.01)
		local ok, err = pcall(c.receive, c)
		signal.signal("ALRM", signal.default)
		assert(not ok and err == "refused" and refused and not sent, err)
		c:send("2")
		assert(c:receive() == "line")`)
}
