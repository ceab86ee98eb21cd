//go:build linux

package socket_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/socket"
)

// What blocks ends with the context of the run, also under pcall, and the engine can go on.
func TestCancel(t *testing.T) {
	const setup = `
		socket = require "socket"
		server = assert(socket.bind("127.0.0.1", 0, 0))
		host, port = server:getsockname()
		a = assert(socket.connect(host, port))
		b = assert(server:accept())
		function full() -- connections until nobody answers
			crowd = {}
			repeat
				local c = socket.tcp()
				c:settimeout(0.05)
				crowd[#crowd + 1] = c
				local fine, err = c:connect(host, port)
			until not fine
		end`
	for name, code := range map[string]string{
		"receive a line":  `blocks(b.receive, b)`,
		"receive a count": `blocks(b.receive, b, 10)`,
		"receive all":     `blocks(b.receive, b, "*a")`,
		"receive nothing": `blocks(b.receive, b, 0)`,
		"with a timeout":  `b:settimeout(1000) blocks(b.receive, b)`,
		"total timeout":   `b:settimeout(1000, "t") blocks(b.receive, b)`,
		"send":            `blocks(a.send, a, ("x"):rep(2^25))`,
		"accept":          `blocks(server.accept, server)`,
		"select":          `blocks(socket.select, {a, b, server}, nil)`,
		"select nothing":  `blocks(socket.select, nil, nil, 1000)`,
		"sleep":           `blocks(socket.sleep, 1000)`,
		"connect":         `full() local c = socket.tcp() blocks(c.connect, c, host, port)`,
		"module connect":  `full() blocks(socket.connect, host, port)`,
		"protect":         `blocks(socket.protect(function() b:receive() end))`,
		"in a coroutine":  `blocks(coroutine.wrap(function() b:receive() end))`,
	} {
		t.Run(name, func(t *testing.T) {
			e, err := luabind.New(luabind.Config{Network: luabind.Network{TCP: true}, Modules: []luabind.Module{socket.Module}})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			background := context.Background()
			if err := e.Run(background, "setup", strings.NewReader(setup)); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(background)
			defer cancel()
			if err := e.SetGlobal("ready", func() {
				go func() {
					awaitParked()
					cancel()
				}()
			}); err != nil {
				t.Fatal(err)
			}
			err = e.Run(ctx, "test", strings.NewReader(`
				local function blocks(f, ...)
					ready()
					pcall(f, ...)
					while true do pcall(f, ...) end
				end
				`+code))
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want %v", err, context.Canceled)
			}
			got, err := e.Eval(background, `b:settimeout(0) return select(2, b:receive())`)
			if err != nil || got[0] != "timeout" && got[0] != "closed" {
				t.Errorf("afterwards: got %v, %v", got, err)
			}
		})
	}
}

// awaitParked waits until a goroutine is parked in a wait of this package, or in its sleep.
func awaitParked() {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	stacks := make([]byte, 1<<20)
	for range 5000 {
		for stack := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			if strings.Contains(stack, "socket.(*poller).park(") || strings.Contains(stack, "socket.(*library).sleep(") {
				return
			}
		}
		<-tick.C
	}
}

// A peer that never lets us wait can't keep a run from ending.
func TestCancelWhileBytesCome(t *testing.T) {
	cfg := luabind.Config{Network: luabind.Network{TCP: true}, Modules: []luabind.Module{socket.Module}}
	receiver, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer receiver.Close()
	sender, err := luabind.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	background := context.Background()
	got, err := receiver.Eval(background, `
		socket = require "socket"
		server = assert(socket.bind("127.0.0.1", 0))
		return (select(2, server:getsockname()))`)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	if err := sender.SetGlobal("port", got[0]); err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	go func() {
		sent <- sender.Run(ctx, "sender", strings.NewReader(`
			local c = assert(require("socket").connect("127.0.0.1", port))
			local block = ("x"):rep(2^20)
			while c:send(block) do end`))
	}()
	if err := receiver.SetGlobal("ready", func() { time.AfterFunc(50*time.Millisecond, cancel) }); err != nil {
		t.Fatal(err)
	}
	err = receiver.Run(ctx, "receiver", strings.NewReader(`
		local c = assert(server:accept())
		c:receive(1)
		ready()
		c:receive("*l", "")`))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("receiver: got %v, want %v", err, context.Canceled)
	}
	if err := <-sent; !errors.Is(err, context.Canceled) {
		t.Errorf("sender: got %v, want %v", err, context.Canceled)
	}
}
