package cluster

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"luaspawn/proc/internal/session"
)

// ServerConfig is what a Server is made from.
type ServerConfig struct {
	// Listen is host:port. An empty host is loopback, port 0 a free one.
	Listen string

	// Dir is the directory of the keys script.key and worker.key. Serve makes them if neither is there. Scripts and workers that have
	// one of them may connect. A server that listens beyond loopback speaks TLS, and keeps its certificate there.
	Dir string

	// Several servers with the same keys can be one: when one of them is killed its clients go to another one. PeersAt is
	// host:port where this server listens for the others, and Peers are their PeersAt. Empty: there are
	// no others.
	PeersAt string
	Peers   []string
}

// A Server is a nats-server in this process, for one cluster. It stores nothing.
type Server struct {
	server  *server.Server
	conn    *nats.Conn // to the account of the cluster
	system  *nats.Conn // to the system's account, which is told who comes and goes
	address string
}

// Serve starts a server, and returns when it is ready.
func Serve(cfg ServerConfig) (*Server, error) {
	if cfg.Dir == "" {
		return nil, errors.New("no directory of keys")
	}
	script, worker, err := session.MakeKeys(cfg.Dir)
	if err != nil {
		return nil, err
	}
	return serve(cfg, script, worker)
}

// serve starts a server to which who has one of the keys may connect.
func serve(cfg ServerConfig, script *session.ScriptKey, worker *session.WorkerKey) (*Server, error) {
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("where to listen: %w", err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 0 || n > 65535 {
		return nil, fmt.Errorf("where to listen: %q is no port", port)
	}
	if n == 0 {
		n = server.RANDOM_PORT
	}
	account, system := server.NewAccount("LUASPAWN"), server.NewAccount("SYSTEM")
	own := rand.Text()
	opts := &server.Options{
		ServerName:            "luaspawn-" + rand.Text()[:8],
		Host:                  host,
		Port:                  n,
		NoSigs:                true,
		NoLog:                 true,
		PingInterval:          3 * time.Second,
		MaxPingsOut:           2,
		MaxPending:            256 << 20,
		AuthTimeout:           5,
		TLSTimeout:            5,
		Accounts:              []*server.Account{account, system},
		SystemAccount:         "SYSTEM",
		DisableShortFirstPing: true,
		Users: []*server.User{
			{Username: scriptUser, Password: script.Password, Account: account, Permissions: permissions(scriptRole)},
			{Username: workerUser, Password: worker.Password, Account: account, Permissions: permissions(workerRole)},
			{Username: "server", Password: own, Account: account},
			{Username: "system", Password: own, Account: system},
		},
	}
	pin := ""
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		if opts.TLSConfig, pin, err = certificate(cfg.Dir); err != nil {
			return nil, err
		}
		opts.TLS = true
	}
	if cfg.PeersAt != "" {
		if err := cfg.join(opts, script); err != nil {
			return nil, err
		}
	}
	for _, at := range []string{cfg.Listen, cfg.PeersAt} { // the server would try for ever, and say nothing
		if err := canListen(at); err != nil {
			return nil, err
		}
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		s.Shutdown()
		return nil, fmt.Errorf("can't listen at %s", cfg.Listen)
	}
	out := &Server{server: s}
	in := func(user string) (*nats.Conn, error) {
		return nats.Connect("", nats.InProcessServer(s), nats.UserInfo(user, own), nats.MaxReconnects(-1))
	}
	var err2 error
	out.conn, err = in("server")
	out.system, err2 = in("system")
	if err = errors.Join(err, err2); err == nil {
		_, err = out.system.Subscribe("$SYS.ACCOUNT.LUASPAWN.DISCONNECT", out.disconnected)
	}
	if err != nil {
		out.Close()
		return nil, err
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() { // all of this machine's
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	out.address = out.Addr(host) + pin
	return out, nil
}

// canListen returns an error if nobody can listen at host:port. Empty is no error.
func canListen(at string) error {
	if at == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		return err
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return err
	}
	return l.Close()
}

// join makes a server one of several, of which ServerConfig.Peers are the others.
func (cfg ServerConfig) join(opts *server.Options, script *session.ScriptKey) error {
	host, port, err := net.SplitHostPort(cfg.PeersAt)
	if err != nil {
		return fmt.Errorf("where other servers are listened for: %w", err)
	}
	if opts.Cluster.Port, err = strconv.Atoi(port); err != nil {
		return fmt.Errorf("where other servers are listened for: %q is no port", port)
	}
	if opts.Cluster.Host = host; host == "" {
		opts.Cluster.Host = "127.0.0.1"
	}
	// Servers show each other that they have the script's key.
	sum := hmac.New(sha256.New, script.Private.Seed())
	sum.Write([]byte("luaspawn servers"))
	password := hex.EncodeToString(sum.Sum(nil))
	opts.Cluster.Name = "luaspawn"
	opts.Cluster.Username, opts.Cluster.Password = "server", password
	opts.Cluster.AuthTimeout = 5
	if tlsConfig := opts.TLSConfig; tlsConfig != nil { // they have one certificate, from one directory
		own := tlsConfig.Clone()
		own.InsecureSkipVerify = true // it is compared itself
		own.VerifyConnection = func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) > 0 && !bytes.Equal(s.PeerCertificates[0].Raw, own.Certificates[0].Certificate[0]) {
				return errPin
			}
			return nil
		}
		opts.Cluster.TLSConfig, opts.Cluster.TLSTimeout = own, 5
	}
	for _, peer := range cfg.Peers {
		opts.Routes = append(opts.Routes, &url.URL{Scheme: "nats-route", Host: peer, User: url.UserPassword("server", password)})
	}
	return nil
}

// Addr returns the address by which it is reached as host.
func (s *Server) Addr(host string) string {
	_, port, _ := net.SplitHostPort(s.server.Addr().String())
	return "nats://" + net.JoinHostPort(host, port)
}

// Address returns the address by which others reach it, with the hash of its certificate
// if it has one.
func (s *Server) Address() string { return s.address }

// disconnected is called when a connection has ended. If it was a worker's, scripts are told.
func (s *Server) disconnected(m *nats.Msg) {
	var event struct {
		Client struct{ Name string }
	}
	if json.Unmarshal(m.Data, &event) != nil {
		return
	}
	if id, ok := strings.CutPrefix(event.Client.Name, clientName); ok {
		if id, ok := idOf(id, ""); ok {
			s.conn.Publish(subject(gone, id), nil)
		}
	}
}

// Close ends the server.
func (s *Server) Close() {
	if s.conn != nil {
		s.conn.Close()
	}
	if s.system != nil {
		s.system.Close()
	}
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// A role says what a client may publish, and what it may subscribe to.
type role struct{ publish, subscribe []string }

var (
	scriptRole = role{
		publish:   []string{workers + "*", subjectWho, status + "*", "$SRV.>"}, // the nats command publishes the last
		subscribe: []string{pools + "*", subjectHere + "*", gone + "*", "_INBOX.>"},
	}
	workerRole = role{
		publish:   []string{pools + "*", subjectHere + "*", gone + "*", "_INBOX.>"},
		subscribe: []string{workers + "*", subjectWho, status + "*", "$SRV.>"},
	}
)

func permissions(r role) *server.Permissions {
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: r.publish},
		Subscribe: &server.SubjectPermission{Allow: r.subscribe},
	}
}

// Permissions returns what the administrator of another NATS server has to allow, in the language of the server's
// configuration.
func Permissions() string {
	var b strings.Builder
	b.WriteString("authorization {\n  users = [\n")
	for _, u := range []struct {
		name string
		role
	}{{scriptUser, scriptRole}, {workerUser, workerRole}} {
		quoted := func(list []string) string { return `"` + strings.Join(list, `", "`) + `"` }
		fmt.Fprintf(&b, "    {user: %s, password: \"...\", permissions: {\n      publish: [%s]\n      subscribe: [%s]\n    }}\n", u.name, quoted(u.publish), quoted(u.subscribe))
	}
	b.WriteString("  ]\n}\n")
	return b.String()
}
