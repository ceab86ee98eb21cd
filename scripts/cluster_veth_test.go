//go:build linux

package scripts

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A network is namespaces, each of which is a machine as far as the network is concerned, with cables
// from the first one to the others.
type network struct {
	ip    string
	names []string
}

// netAddress returns that of a machine of a network.
func netAddress(i int) string { return fmt.Sprintf("198.18.0.%d", 1+i) } // RFC 2544: for tests of networks

// newNetwork makes a network that ends with the test.
func newNetwork(t *testing.T, machines int) *network {
	ip, err := exec.LookPath("ip")
	if err != nil {
		t.Skip("NOT CHECKED: workers in network namespaces of their own: there is no ip (package iproute2)")
	}
	n := &network{ip: ip}
	t.Cleanup(func() {
		for _, name := range n.names {
			n.do("netns", "del", name)
		}
	})
	for i := range machines {
		name := fmt.Sprintf("luaspawn-%d-%d", os.Getpid(), i)
		n.need(t, "netns", "add", name)
		n.names = append(n.names, name)
	}
	head := n.names[0]
	list := [][]string{
		{"-n", head, "link", "set", "lo", "up"},
		{"-n", head, "addr", "add", netAddress(0) + "/32", "dev", "lo"},
	}
	for i, name := range n.names[1:] {
		here, there := fmt.Sprintf("cable%d", i+1), fmt.Sprintf("machine%d", i+1)
		list = append(list, [][]string{
			{"-n", head, "link", "add", here, "type", "veth", "peer", "name", there, "netns", name},
			{"-n", head, "link", "set", here, "up"},
			{"-n", head, "route", "add", netAddress(i + 1), "dev", here, "src", netAddress(0)},
			{"-n", name, "link", "set", "lo", "up"},
			{"-n", name, "addr", "add", netAddress(i+1) + "/32", "dev", there},
			{"-n", name, "link", "set", there, "up"},
			{"-n", name, "route", "add", netAddress(0), "dev", there},
		}...)
	}
	for _, args := range list {
		n.need(t, args...)
	}
	return n
}

// need does something without which there is no network. The test is skipped where this user may not, or the
// kernel has no such thing; all else is a fault.
func (n *network) need(t *testing.T, args ...string) {
	t.Helper()
	err := n.do(args...)
	if err == nil {
		return
	}
	for _, lacking := range []string{"Operation not permitted", "Permission denied", "Operation not supported", "Unknown device type"} {
		if strings.Contains(err.Error(), lacking) {
			t.Skipf("NOT CHECKED: workers in network namespaces of their own, which can't be had: %v", err)
		}
	}
	t.Fatal(err)
}

func (n *network) do(args ...string) error {
	if out, err := exec.Command(n.ip, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// on returns a command line of one of the machines.
func (n *network) on(machine int, line ...string) []string {
	return append([]string{n.ip, "netns", "exec", n.names[machine]}, line...)
}

// Two executables, three commands, and there is a result: of workers that share nothing with the script but
// cables, of a function with a module of its own.
func TestClusterOverCables(t *testing.T) {
	if os.Getenv("LUASPAWN_STRESS") == "" {
		t.Skip("it needs network namespaces: LUASPAWN_STRESS=1 is for it")
	}
	t.Parallel()
	command := build(t)
	daemon, err := buildDaemon()
	if err != nil {
		t.Fatal(err)
	}
	n := newNetwork(t, 3)
	home := t.TempDir()
	for name, text := range map[string]string{
		"places.lua": `
			local M = {}
			function M.here() -- the name of the cable's end on this machine
				for line in io.lines("/proc/net/dev") do
					local name = line:match("^%s*(machine%d)")
					if name then return name end
				end
				return "nowhere"
			end
			return M`,
		"script.lua": `
			local mp = require "multiprocessing"
			local places = require "places"
			local factor = 3
			local pool = mp.Pool()
			local n = 0
			local function numbers() n = n + 1 return n end -- until both machines have had one
			local seen, count = {}, 0
			for _, r in pool:imap(function(i)
				require("time").sleep(0.01)
				return {i * factor, places.here()}
			end, numbers, {chunksize = 1}) do
				if not seen[r[2]] then
					seen[r[2]], count = true, count + 1
					if count == 2 then break end
				end
			end
			print(pool:apply(function(i) return i * factor end, {14}), seen.machine1, seen.machine2)
			pool:terminate()
			pool:join()`,
	} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"HOME=" + home, "XDG_STATE_HOME=", "LUASPAWN_KEYS=", "LUASPAWN_CLUSTER=", "LUASPAWND="}
	server := startLine(t, env, n.on(0, daemon, "serve", "--listen", netAddress(0)+":4222")...)
	address := server.await(t, `serving at (\S+)$`)
	if !strings.Contains(address, "#sha256:") {
		t.Errorf("beyond loopback it serves at %s, without a certificate", address)
	}
	for i := 1; i <= 2; i++ {
		startLine(t, env, n.on(i, daemon, "worker", address)...).await(t, "connected to")
	}
	script := n.on(0, command, "script.lua")
	got := runInCluster(append(env, "LUASPAWN_CLUSTER="+address), script[0], home, script[1:]...)
	if want := "42\ttrue\ttrue\n"; got.err != nil || got.status != 0 || got.stdout != want || got.stderr != "" {
		t.Errorf("%q, want %q; error %v, exit status %d, on standard error:\n%s", got.stdout, want, got.err, got.status, got.stderr)
	}
}
