//go:build linux

package socket_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"luaspawn/luabind"
)

// scriptVariable makes the test binary an interpreter, as luaspawn is: it names the script.
const scriptVariable = "LUASPAWN_SOCKET_SCRIPT"

// runScript is main of that interpreter.
func runScript(script string) int {
	e, err := luabind.New(config())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer e.Close()
	if err := e.SetGlobal("arg", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := e.RunFile(context.Background(), script); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// An interpreter makes a command that runs a script.
type interpreter func(script string, args ...string) *exec.Cmd

func ours(script string, args ...string) *exec.Cmd {
	c := exec.Command("/proc/self/exe", args...)
	c.Env = append(os.Environ(), scriptVariable+"="+script)
	c.Stderr = os.Stderr
	return c
}

func theirs(script string, args ...string) *exec.Cmd {
	c := exec.Command("lua5.1", append([]string{script}, args...)...)
	c.Stderr = os.Stderr
	return c
}

// serve starts a script that prints the address at which it listens, last on its first line.
func (run interpreter) serve(b *testing.B, script string, args ...string) (address string, c *exec.Cmd) {
	b.Helper()
	c = run(script, args...)
	stdout, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	words := strings.Fields(line)
	return words[len(words)-1], c
}

// took runs testdata/bench/client.lua and returns the seconds that it prints.
func (run interpreter) took(b *testing.B, args ...string) float64 {
	b.Helper()
	out, err := run("testdata/bench/client.lua", args...).Output()
	if err != nil {
		b.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatal(err)
	}
	return seconds
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// benchmarkBoth runs the client on both interpreters in turn, and reports the median rates and their
// ratio. The server runs on the client's interpreter, or on lua5.1.
func benchmarkBoth(b *testing.B, amount float64, unit string, args ...string) {
	if err := exec.Command("lua5.1", "-e", `require "socket"`).Run(); err != nil {
		b.Skip("needs lua5.1 with LuaSocket (Debian: lua5.1 lua-socket)")
	}
	const script = "testdata/bench/server.lua"
	for _, c := range []struct {
		name   string
		server interpreter
	}{{"own server", ours}, {"server on lua5.1", theirs}} {
		b.Run(c.name, func(b *testing.B) {
			ourPort, _ := c.server.serve(b, script)
			theirPort, _ := interpreter(theirs).serve(b, script)
			var our, their []float64
			for b.Loop() {
				our = append(our, amount/interpreter(ours).took(b, append([]string{ourPort}, args...)...))
				their = append(their, amount/interpreter(theirs).took(b, append([]string{theirPort}, args...)...))
			}
			b.ReportMetric(0, "ns/op") // of all of it: says nothing
			b.ReportMetric(median(our), unit)
			b.ReportMetric(median(their), "lua5.1:"+unit)
			b.ReportMetric(median(our)/median(their), "ratio")
		})
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	benchmarkBoth(b, 20000, "trips/s", "echo", "64", "20000")
}

func BenchmarkStream(b *testing.B) {
	benchmarkBoth(b, 64, "MiB/s", "stream", strconv.Itoa(64<<20))
}

// BenchmarkServe measures the document's server from connecting to its first answer: accept, start of a
// child, reply.
func BenchmarkServe(b *testing.B) {
	const script = "../../../scripts/echo_server.lua"
	address, _ := interpreter(ours).serve(b, script, "0")
	var times []float64
	for b.Loop() {
		began := time.Now()
		c, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.WriteString(c, "x"); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			b.Fatal(err)
		}
		times = append(times, float64(time.Since(began).Microseconds())/1000)
		c.Close()
	}
	b.ReportMetric(median(times), "ms/median")
}
