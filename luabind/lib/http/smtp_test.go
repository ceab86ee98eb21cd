//go:build linux

package http_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/http"
	"luaspawn/luabind/lib/mime"
	"luaspawn/luabind/lib/socket"
)

// letters sends some by LuaSocket's socket.smtp, and prints what becomes of them.
const letters = `
local port = tonumber(port or arg[1])
local smtp, mime, ltn12 = require "socket.smtp", require "mime", require "ltn12"
local function send(t)
  t.server, t.port, t.domain = "127.0.0.1", port, "client.example"
  print(smtp.send(t))
end
local headers = {from = "<a@example.org>", to = "<b@example.org>", subject = "dots", date = "Sat, 28 Nov 2026 00:00:00 +0000", ["message-id"] = "<1@example.org>"}
send{from = "<a@example.org>", rcpt = "<b@example.org>", source = smtp.message{headers = headers, body = "one\r\n.two\r\n..\r\nthree\r\n"}}
send{from = "<a@example.org>", rcpt = {"<b@example.org>", "<c@example.org>"}, user = "me", password = "secret", source = smtp.message{
  headers = headers, body = {
    preamble = "before",
    [1] = {headers = {["content-type"] = "text/plain"}, body = "text"},
    [2] = {headers = {["content-type"] = "image/x", ["content-transfer-encoding"] = "BASE64"},
      body = ltn12.source.chain(ltn12.source.string(("\0\1\2\255"):rep(40)), ltn12.filter.chain(mime.encode("base64"), mime.wrap()))},
    epilogue = "after",
  },
}}
send{from = "<a@example.org>", rcpt = "<nobody@example.org>", source = smtp.message{headers = headers, body = "x"}}
`

// serveSMTP takes in letters, and returns what clients have said when stop is called.
func serveSMTP(t *testing.T) (port int, stop func() string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.SetDeadline(time.Now().Add(time.Minute))
			talkSMTP(conn, &said)
			conn.Close()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port, func() string {
		listener.Close()
		<-ended
		return said.String()
	}
}

// talkSMTP is one session of a server.
func talkSMTP(conn net.Conn, said *bytes.Buffer) {
	in := bufio.NewReader(conn)
	answer := func(text string) { fmt.Fprintf(conn, "%s\r\n", text) }
	answer("220 server.example ready")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		said.WriteString(line)
		verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			answer("250-server.example\r\n250-AUTH LOGIN\r\n250 SIZE 1000000")
		case "AUTH": // LOGIN
			for _, ask := range []string{"334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"} {
				answer(ask)
				if line, err = in.ReadString('\n'); err != nil {
					return
				}
				said.WriteString(line)
			}
			answer("235 welcome")
		case "RCPT":
			if strings.Contains(line, "nobody") {
				answer("550 no such user")
				break
			}
			answer("250 ok")
		case "DATA":
			answer("354 go on")
			for line != ".\r\n" {
				if line, err = in.ReadString('\n'); err != nil {
					return
				}
				said.WriteString(line)
			}
			answer("250 taken")
		case "QUIT":
			answer("221 bye")
			return
		default:
			answer("250 ok")
		}
	}
}

// LuaSocket's socket.smtp says the same to a server here as on lua5.1.
func TestSMTP(t *testing.T) {
	if out, err := exec.Command("lua5.1", "-e", `require "socket.smtp"`).CombinedOutput(); err != nil {
		t.Skipf("needs lua5.1 with LuaSocket (Debian: lua5.1 lua-socket): %v %s", err, out)
	}
	script := filepath.Join(t.TempDir(), "letters.lua")
	if err := os.WriteFile(script, []byte(letters), 0o666); err != nil {
		t.Fatal(err)
	}
	port, stop := serveSMTP(t)
	want, err := exec.Command("lua5.1", script, fmt.Sprint(port)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, want)
	}
	wantSaid := stop()

	var got bytes.Buffer
	e, err := luabind.New(luabind.Config{
		Fs: afero.NewOsFs(), Path: "/usr/share/lua/5.1/?.lua", Stdout: &got, Network: luabind.Network{TCP: true},
		Modules: append(append([]luabind.Module{socket.Module, socket.Core}, mime.Modules...), http.Modules...),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	port, stop = serveSMTP(t)
	if err := e.SetGlobal("port", port); err != nil {
		t.Fatal(err)
	}
	if err := e.RunFile(t.Context(), script); err != nil {
		t.Error(err)
	}
	gotSaid := stop()
	if got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	if bare(gotSaid) != bare(wantSaid) || !strings.Contains(gotSaid, "\r\n...\r\n") || !strings.Contains(gotSaid, "c2VjcmV0\r\n") {
		t.Errorf("it said\n%s\nwant\n%s", gotSaid, wantSaid)
	}
}

// bare is what a client has said without the boundaries of parts, which hold the time, and with the
// headers, which come as pairs gives them, in order.
func bare(said string) string {
	said = boundary.ReplaceAllString(said, "B")
	blocks := strings.Split(said, "\r\n\r\n")
	for i, block := range blocks {
		lines := strings.Split(block, "\r\n")
		slices.Sort(lines)
		blocks[i] = strings.Join(lines, "\r\n")
	}
	return strings.Join(blocks, "\r\n\r\n")
}

// boundary is one that LuaSocket makes.
var boundary = regexp.MustCompile(`\d{12,}==\d+`)
