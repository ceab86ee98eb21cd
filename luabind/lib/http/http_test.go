//go:build unix

package http_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/afero"

	"luaspawn/luabind"
	luahttp "luaspawn/luabind/lib/http"
	"luaspawn/luabind/lib/mime"
	"luaspawn/luabind/lib/socket"
	"luaspawn/luabind/luatest"
)

// handler answers what the tests in Lua ask.
func handler(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == "/echo":
		w.Header()["X-Two"] = []string{"a", "b"}
		fmt.Fprintf(w, "%s %s\n", r.Method, r.RequestURI)
		r.Header.Write(lines{w})
	case path == "/chunked":
		for range 50 {
			io.WriteString(w, strings.Repeat("0123456789", 100))
			w.(http.Flusher).Flush()
		}
	case path == "/close":
		conn, _, _ := w.(http.Hijacker).Hijack()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\nuntil the end")
		conn.Close()
	case path == "/raw":
		conn, _, _ := w.(http.Hijacker).Hijack()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+r.URL.Query().Get("rest"))
		conn.Close()
	case path == "/moved":
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	case path == "/empty":
		w.WriteHeader(http.StatusNoContent)
	case path == "/post":
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %d %s", r.Method, r.Header.Get("Content-Type"), r.ContentLength, body)
	case strings.HasPrefix(path, "/to/"):
		n, _ := strconv.Atoi(path[4:])
		to := "/echo"
		if n > 0 {
			to = fmt.Sprint("/to/", n-1)
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	default:
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, "none\n")
	}
}

// lines writes the lines of headers without their \r.
type lines struct{ io.Writer }

func (l lines) Write(p []byte) (int, error) {
	_, err := io.WriteString(l.Writer, strings.ReplaceAll(string(p), "\r", ""))
	return len(p), err
}

func (l lines) WriteString(s string) (int, error) { return l.Write([]byte(s)) }

func serve(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(handler))
	t.Cleanup(s.Close)
	return s.URL
}

func config(path string, env ...string) luabind.Config {
	return luabind.Config{
		Fs: afero.NewOsFs(), Path: path, Environ: env, Network: luabind.Network{TCP: true},
		Modules: slices.Concat([]luabind.Module{socket.Module, socket.Core, socket.TLS, socket.HTTPS}, mime.Modules, luahttp.Modules),
	}
}

// Ours.
func TestLua(t *testing.T) {
	luatest.Run(t, config("none/?.lua", "HTTP_TEST_SERVER="+serve(t)), "testdata/*.lua")
}

// LuaSocket's, on ours in Go.
func TestLuaSocketsFiles(t *testing.T) {
	const installed = "/usr/share/lua/5.1/"
	if _, err := os.Stat(installed + "socket/http.lua"); err != nil {
		t.Skipf("needs LuaSocket (Debian: lua-socket): %v", err)
	}
	luatest.Run(t, config(installed+"?.lua", "HTTP_TEST_SERVER="+serve(t)), "testdata/*.lua")
}

// LuaSocket, on lua5.1.
func TestLuaSocket(t *testing.T) {
	if out, err := exec.Command("lua5.1", "-e", `require "socket.http"`).CombinedOutput(); err != nil {
		t.Skipf("needs lua5.1 with LuaSocket (Debian: lua5.1 lua-socket): %v %s", err, out)
	}
	c := exec.Command("lua5.1", "../socket/testdata/lib/luatest.lua", "testdata/http.lua")
	c.Env = append(os.Environ(), "HTTP_TEST_SERVER="+serve(t))
	if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
