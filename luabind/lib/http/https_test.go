//go:build unix

package http_test

import (
	"bytes"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"luaspawn/luabind"
	"luaspawn/luabind/luatest"
)

// What only ours does.
func TestLuaOwn(t *testing.T) {
	luatest.Run(t, config("none/?.lua", "HTTP_TEST_SERVER="+serve(t), "HTTP_TEST_OTHER="+serve(t)), "testdata/own/*.lua")
}

// HTTPS verifies certificates, unless it is told not to, by ours and by LuaSocket's http.
func TestHTTPS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(handler))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	cafile := t.TempDir() + "/ca.pem"
	if err := os.WriteFile(cafile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o666); err != nil {
		t.Fatal(err)
	}
	paths := []string{"none/?.lua"}
	if _, err := os.Stat("/usr/share/lua/5.1/socket/http.lua"); err == nil {
		paths = append(paths, "/usr/share/lua/5.1/?.lua")
	}
	for _, path := range paths {
		cfg := config(path, "URL="+s.URL, "CA="+cafile)
		var out bytes.Buffer
		cfg.Stdout = &out
		e, err := luabind.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		if err := e.Run(t.Context(), "=test", strings.NewReader(`
			local https, http, ltn12 = require "ssl.https", require "socket.http", require "ltn12"
			local address, ca = os.getenv("URL"), os.getenv("CA")
			local function get(request, options)
				local list = {}
				options.url, options.sink = address .. "/chunked", ltn12.sink.table(list)
				local ok, code = request(options)
				print(ok, code, #table.concat(list))
			end
			print(https.request(address .. "/echo"))
			get(https.request, {verify = "none"})
			get(http.request, {cafile = ca})
			get(http.request, {cafile = "none.pem"})
			local conn = https.tcp{verify = "none"}()
			print(conn:connect(address:match("//(.-):(%d+)")))
			conn:settimeout(0.01)
			print(conn:receive())
			conn:settimeout(20)
			conn:send("GET /close HTTP/1.0\r\n\r\n")
			print(#conn:receive("*a") > 20, conn:receive())
			print(conn:close(), conn:send("x"))`)); err != nil {
			t.Fatal(err)
		}
		want := `nil	tls: failed to verify certificate: x509: certificate signed by unknown authority
1	200	50000
1	200	50000
nil	none.pem: No such file or directory	0
true
nil	timeout	
true	nil	closed	
1	nil	closed	0
`
		if got := out.String(); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
		}
	}
}

// Without the right nothing is connected, whatever module asks.
func TestWithoutTheRight(t *testing.T) {
	cfg := config("none/?.lua")
	cfg.Network = luabind.Network{}
	e, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	const denied = "permission denied: Config.Network.TCP is not set"
	for _, call := range []string{
		`require("socket.http").request("http://127.0.0.1:1/")`,
		`require("ssl.https").request("https://127.0.0.1:1/")`,
		`require("ssl.https").tcp()()`,
		`require("socket.core").tcp()`,
	} {
		values, err := e.Eval(t.Context(), call)
		if err != nil || len(values) != 2 || values[1] != denied {
			t.Errorf("%s: got %v, %v", call, values, err)
		}
	}
}
