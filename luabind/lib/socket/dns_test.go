//go:build linux

package socket_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/socket"
)

// silent gets the names below "silent." that were asked for.
var silent = make(chan string, 1000)

// serveNames makes the program ask a name server on loopback. It answers queries for names below "known."
// with addresses of loopback, those below "failing." with an error of its own, those below "silent." not at
// all, others with "no such name".
func serveNames() error {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		b := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if answer := answerQuery(b[:n]); answer != nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
		if err == nil {
			context.AfterFunc(ctx, func() { c.Close() }) // which the resolver does some seconds later
		}
		return c, err
	}}
	return nil
}

// answerQuery makes the answer to a query (RFC 1035, section 4); nil: there is none.
func answerQuery(query []byte) []byte {
	const header = 12
	end := header
	var labels []string
	for query[end] != 0 {
		labels = append(labels, string(query[end+1:end+1+int(query[end])]))
		end += 1 + int(query[end])
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	answer := append([]byte(nil), query[:end+5]...) // with its question, and nothing additional
	copy(answer[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	pointer := []byte{0xc0, header, 0, byte(kind), 0, 1, 0, 0, 0, 60}
	switch name := strings.ToLower(strings.Join(labels, ".")); {
	case strings.HasSuffix(name, "silent"):
		silent <- name
		return nil
	case strings.HasSuffix(name, "failing"):
		answer[3] |= 2
	case strings.HasSuffix(name, "known") && kind == 1: // A
		answer[7] = 2
		answer = append(append(answer, pointer...), 0, 4, 127, 0, 0, 5)
		answer = append(append(answer, pointer...), 0, 4, 127, 0, 0, 6)
	case strings.HasSuffix(name, "known") && kind == 28: // AAAA
		answer[7] = 1
		answer = append(append(answer, pointer...), 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
	case strings.HasSuffix(name, "8.0.0.127.in-addr.arpa") && kind == 12: // PTR
		answer[7] = 1
		answer = append(append(answer, pointer...), 0, 12, 4, 'h', 'o', 's', 't', 5, 'k', 'n', 'o', 'w', 'n')
		answer[len(answer)-14+1] = 13
		answer = append(answer, 0)
	default:
		answer[3] |= 3
	}
	return answer
}

func TestNames(t *testing.T) {
	e, err := luabind.New(luabind.Config{Network: luabind.Network{TCP: true}, Modules: []luabind.Module{socket.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	const prelude = `
		local socket = require "socket"
		local dns = socket.dns
		local function list(r, ...)
			if not r then return r, ... end
			local t = {}
			for i, a in ipairs(r) do t[i] = a.family .. " " .. a.addr end
			table.sort(t)
			return table.concat(t, ", ")
		end
		local function entry(name, r, ...)
			if type(r) ~= "table" then return name, r, ... end
			return name .. " = " .. r.name .. " [" .. table.concat(r.alias, ",") .. "] " .. table.concat(r.ip, ",")
		end
		local function text(...)
			local t = {...}
			for i = 1, select("#", ...) do t[i] = tostring(t[i]) end
			return table.concat(t, " ")
		end
		return text(`
	for code, want := range map[string]string{
		`list(dns.getaddrinfo("host.known"))`:     "inet 127.0.0.5, inet 127.0.0.6, inet6 ::1",
		`list(dns.getaddrinfo("nobody.invalid"))`: "nil host or service not provided, or not known",
		`list(dns.getaddrinfo("host.failing"))`:   "nil temporary failure in name resolution",
		`entry(dns.toip("host.known"))`:           "127.0.0.5 = host.known [] 127.0.0.5,127.0.0.6",
		`entry(dns.toip("nobody.invalid"))`:       "nil host not found",
		`entry(dns.toip("host.failing"))`:         "nil temporary failure in name resolution",
		`entry(dns.tohostname("host.known"))`:     "host.known = host.known [] 127.0.0.5,127.0.0.6",
		`entry(dns.tohostname("127.0.0.8"))`:      "host.known = host.known [] 127.0.0.8",
		`entry(dns.tohostname("127.0.0.9"))`:      "nil host not found",
		`entry(dns.tohostname("nobody.invalid"))`: "nil host not found",
		`entry(dns.toip("::1"))`:                  "nil host not found",
		`socket.connect("nobody.invalid", 1)`:     "nil host or service not provided, or not known",
		`socket.bind("nobody.invalid", 1)`:        "nil host or service not provided, or not known",
		`socket.tcp():bind("nobody.invalid", 1)`:  "nil host or service not provided, or not known",
		`socket.connect("host.failing", 1)`:       "nil temporary failure in name resolution",
	} {
		got, err := e.Eval(context.Background(), prelude+code+`)`)
		if err != nil || got[0] != want {
			t.Errorf("%s\ngot  %v, %v\nwant %s", code, got, err, want)
		}
	}

	// A name whose first address refuses: the next one is tried, of the other family too.
	got, err := e.Eval(context.Background(), `
		local socket = require "socket"
		local seen = {}
		for _, address in ipairs{"127.0.0.6", "::1"} do
			local server = assert(socket.bind(address, 0))
			local _, port = server:getsockname()
			local c = assert(socket.connect("host.known", port))
			seen[#seen + 1] = c:getpeername() .. " " .. c:getfamily()
			c:close()
			server:close()
		end
		return table.concat(seen, ", ")`)
	if err != nil || got[0] != "127.0.0.6 inet4, ::1 inet6" {
		t.Errorf("got %v, %v", got, err)
	}
}

// Asking for a name ends with the context.
func TestCancelNames(t *testing.T) {
	e, err := luabind.New(luabind.Config{Network: luabind.Network{TCP: true}, Modules: []luabind.Module{socket.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for i, code := range []string{
		`socket.connect("host.silent", 1)`,
		`socket.bind("host.silent", 1)`,
		`socket.tcp():connect("host.silent", 1)`,
		`socket.tcp():bind("host.silent", 1)`,
		`socket.dns.toip("host.silent")`,
		`socket.dns.tohostname("host.silent")`,
		`socket.dns.getaddrinfo("host.silent")`,
	} {
		host := fmt.Sprintf("host%d.silent", i)
		code = strings.Replace(code, "host.silent", host, 1)
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			for <-silent != host {
			}
			cancel()
		}()
		err := e.Run(ctx, "test", strings.NewReader(`local socket = require "socket" pcall(function() `+code+` end) while true do end`))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want %v", code, err, context.Canceled)
		}
	}
}
