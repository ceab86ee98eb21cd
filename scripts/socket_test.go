//go:build linux

package scripts

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a script that listens, in a process of its own.
type server struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string // host:port
	stderr  bytes.Buffer
	mark    string // in the environment of the process and its children
	ended   chan error
}

// serve starts a script of this directory at a port of the system's choice.
func serve(t *testing.T, script string) *server {
	t.Helper()
	s := &server{t: t, ended: make(chan error, 1)}
	s.cmd = exec.Command(build(t), "scripts/"+script, "0")
	s.cmd.Dir = root
	s.mark = fmt.Sprintf("LUASPAWN_TEST_RUN=%d.%d %s", os.Getpid(), runs.Add(1), script)
	s.cmd.Env = append(os.Environ(), s.mark)
	s.cmd.Stderr = &s.stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.cmd.Process.Kill() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if _, serr := fmt.Sscanf(line, "listening on %s\n", &s.address); serr != nil {
		t.Fatalf("%s printed %q, %v", script, line, err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s
}

// end ends the server as Ctrl-C does, and checks that nothing of it is left.
func (s *server) end() {
	s.t.Helper()
	s.cmd.Process.Signal(syscall.SIGINT)
	select {
	case err := <-s.ended:
		if s.cmd.ProcessState.ExitCode() != 130 || s.stderr.String() != "luaspawn: interrupted\n" {
			s.t.Errorf("the server ended with %v and said %q", err, s.stderr.String())
		}
	case <-time.After(grace):
		s.t.Errorf("the server goes on %v after the interrupt", grace)
	}
	if err := noneLeft(s.mark, grace); err != nil {
		s.t.Error(err)
	}
}

// children waits until n children of the server have sockets of their own, or fails. One that is kept ready
// for the next client has none.
func (s *server) children(n int) {
	s.t.Helper()
	got := 0
	if !eventually(func() bool {
		got = 0
		for _, pid := range marked(s.mark) {
			if pid != s.cmd.Process.Pid && len(tcpSockets(pid)) > 0 {
				got++
			}
		}
		return got == n
	}) {
		s.t.Errorf("the server has %d children that talk, want %d", got, n)
	}
}

// descriptors returns what a process has open.
func descriptors(pid int) []string {
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	fds, _ := os.ReadDir(dir) // none if it has ended
	var list []string
	for _, fd := range fds {
		if name, err := os.Readlink(filepath.Join(dir, fd.Name())); err == nil {
			list = append(list, name)
		}
	}
	return list
}

// tcpSockets returns those among them that are of TCP.
func tcpSockets(pid int) []string {
	table, _ := os.ReadFile("/proc/net/tcp")
	inodes := map[string]bool{}
	for line := range strings.Lines(string(table)) {
		if fields := strings.Fields(line); len(fields) > 9 {
			inodes["socket:["+fields[9]+"]"] = true
		}
	}
	return slices.DeleteFunc(descriptors(pid), func(name string) bool { return !inodes[name] })
}

// eventually waits for what no event tells of.
func eventually(holds func() bool) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	over := time.After(deadline)
	for !holds() {
		select {
		case <-tick.C:
		case <-over:
			return false
		}
	}
	return true
}

func (s *server) dial() *net.TCPConn {
	s.t.Helper()
	c, err := net.DialTimeout("tcp", s.address, deadline)
	if err != nil {
		s.t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(5 * deadline)) // of all that is done with it
	return c.(*net.TCPConn)
}

// exchange sends message and checks that it comes back in upper case.
func exchange(c net.Conn, message string) error {
	if _, err := io.WriteString(c, message); err != nil {
		return err
	}
	got := make([]byte, len(message))
	if _, err := io.ReadFull(c, got); err != nil {
		return err
	}
	if want := strings.ToUpper(message); string(got) != want {
		return fmt.Errorf("got %.80q, want %.80q", got, want)
	}
	return nil
}

// Many clients at once, each with its own child; afterwards no child and no descriptor is left.
func TestEchoServer(t *testing.T) {
	t.Parallel()
	clients, messages := 60, 50
	switch {
	case testing.Short():
		clients, messages = 10, 20
	case os.Getenv("LUASPAWN_STRESS") != "":
		clients, messages = 200, 100
	}
	s := serve(t, "echo_server.lua")
	first := s.dial() // what is opened once, is open then
	if err := exchange(first, "first"); err != nil {
		t.Error(err)
	}
	first.Close()
	s.children(0)
	before := len(descriptors(s.cmd.Process.Pid))

	// One after the other: the backlog is 5, and the system answers those that find it full seconds later.
	conns := make([]net.Conn, clients)
	for i := range conns {
		conns[i] = s.dial()
		if err := exchange(conns[i], "hello"); err != nil {
			t.Fatal(err)
		}
	}
	s.children(clients)
	var group sync.WaitGroup
	for i, c := range conns {
		group.Go(func() {
			defer c.Close()
			for n := range messages {
				// Of any length, also more than the server takes at once.
				if err := exchange(c, strings.Repeat(fmt.Sprintf("client %d message %d ", i, n), 1+n*i%150)); err != nil {
					t.Errorf("client %d: %v", i, err)
					return
				}
			}
		})
	}
	group.Wait()
	s.children(0)
	const ready = 20 // what children that are kept ready may need
	var after []string
	if !eventually(func() bool {
		after = descriptors(s.cmd.Process.Pid)
		return len(tcpSockets(s.cmd.Process.Pid)) == 1 && len(after) <= before+ready
	}) {
		t.Errorf("after the clients the server has open: %v", after)
	}
	s.end()
}

// A client that goes away in the middle of a message ends its child and no other one.
func TestEchoServerClientGoesAway(t *testing.T) {
	t.Parallel()
	s := serve(t, "echo_server.lua")
	stays := s.dial()
	defer stays.Close()
	if err := exchange(stays, "one"); err != nil {
		t.Error(err)
	}
	for _, leave := range []func(*net.TCPConn){
		func(c *net.TCPConn) { c.Close() },
		func(c *net.TCPConn) { c.SetLinger(0); c.Close() }, // a reset
		func(c *net.TCPConn) { c.CloseWrite(); defer c.Close(); io.Copy(io.Discard, c) },
	} {
		c := s.dial()
		if err := exchange(c, "two"); err != nil {
			t.Error(err)
		}
		s.children(2)
		if _, err := io.WriteString(c, strings.Repeat("half a message", 1000)); err != nil {
			t.Error(err)
		}
		leave(c)
		s.children(1)
		if err := exchange(stays, "still there"); err != nil {
			t.Error(err)
		}
	}
	s.end()
}

// The document's client, at the server.
func TestEchoClient(t *testing.T) {
	t.Parallel()
	s := serve(t, "echo_server.lua")
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	got, err := client(t, "hello\n\n  spaces around \nlast, 中文\n", build(t), "echo_client.lua", port)
	want := ">>>:HELLO\n>>>:>>>:SPACES AROUND\n>>>:LAST, 中文\n>>>:"
	if err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	s.children(0)
	s.end()
	if got, err := client(t, "", build(t), "echo_client.lua", port); !strings.Contains(got, "connection refused") {
		t.Errorf("without a server: got %q, %v", got, err)
	}
}

// client runs a program to its end and returns what it printed, anywhere.
func client(t *testing.T, input, program string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	c := exec.CommandContext(ctx, program, args...)
	c.Stdin = strings.NewReader(input)
	out, err := c.CombinedOutput()
	return string(out), err
}

// Clients that others wrote.
func TestEchoServerStrangers(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many programs: go test without -short runs it, as .ci/run does")
	}
	t.Parallel()
	s := serve(t, "echo_server.lua")
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		program, want string
		args          []string
	}{
		{"python3", "b'HELLO'\nb'AGAIN'\n", []string{"-c", `
import socket, sys
phone = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
phone.connect((sys.argv[1], int(sys.argv[2])))
for msg in (b'hello', b'again'):
    phone.send(msg)
    print(phone.recv(1024))
phone.close()
`, host, port}},
		{"nc", "HELLO NC\n", []string{"-N", host, port}},
	} {
		t.Run(c.program, func(t *testing.T) {
			if _, err := exec.LookPath(c.program); err != nil {
				t.Skipf("needs %s (Debian: python3 netcat-openbsd): %v", c.program, err)
			}
			got, err := client(t, "hello nc\n", c.program, c.args...)
			if err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
	s.children(0)
	s.end()
}

// Four children accept on one socket: each has one of four connections that are open at a time.
func TestPreforkServer(t *testing.T) {
	t.Parallel()
	s := serve(t, "prefork_server.lua")
	s.children(4)
	for round := range 5 {
		names := map[string]bool{}
		var conns []*net.TCPConn
		for i := range 4 {
			c := s.dial()
			conns = append(conns, c)
			fmt.Fprintf(c, "round %d line %d\n", round, i)
			line, err := bufio.NewReader(c).ReadString('\n')
			name, text, _ := strings.Cut(line, ": ")
			if want := fmt.Sprintf("ROUND %d LINE %d\n", round, i); err != nil || text != want {
				t.Errorf("got %q, %v, want %q", line, err, want)
			}
			names[name] = true
		}
		if len(names) != 4 {
			t.Errorf("served by %v, want four", names)
		}
		for _, c := range conns {
			c.Close()
		}
	}
	s.children(4)
	s.end()
}

// When the server is killed, what it started goes too.
func TestPreforkServerKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many programs: go test without -short runs it, as .ci/run does")
	}
	t.Parallel()
	s := serve(t, "prefork_server.lua")
	s.children(4)
	s.cmd.Process.Kill()
	<-s.ended
	if err := noneLeft(s.mark, grace); err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("tcp", s.address); err == nil {
		c.Close()
		t.Error("somebody still listens")
	} else if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(err)
	}
}
