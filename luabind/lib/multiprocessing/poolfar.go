package multiprocessing

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/proc/pool"
	"luaspawn/proc/pool/remote"
)

// A farConfig is what a script says about the machines of a pool.
type farConfig struct {
	address string // of a server
	listen  string // of one that the pool starts itself; empty: none
	key     string // the text of the script's key; empty: that of the file
	tags    []string
	lease   time.Duration
}

// clusterVariable is the variable with the address for pools that are given none.
const clusterVariable = "LUASPAWN_CLUSTER"

// newFarConfig returns the defaults of a pool.
func (lib *library) newFarConfig() *farConfig {
	c := new(farConfig)
	for _, v := range lib.engine.Config().Environ {
		if address, ok := strings.CutPrefix(v, clusterVariable+"="); ok {
			c.address = address
		}
	}
	return c
}

// is says whether the pool's workers are on other machines.
func (c *farConfig) is() bool { return c.address != "" || c.listen != "" }

// take takes a keyword of Pool; ok is false if it is none about machines.
func (c *farConfig) take(L *lua.LState, name string, v lua.LValue) (ok bool) {
	text := func() string {
		s, ok := v.(lua.LString)
		if !ok || s == "" {
			L.RaiseError("%s must be a string", name)
		}
		return string(s)
	}
	switch name {
	case "address":
		c.address = text()
	case "authkey":
		c.key = text()
	case "cluster":
		switch v {
		case lua.LTrue:
			c.address, c.listen = "", "127.0.0.1:0"
		case lua.LFalse:
			c.address, c.listen = "", ""
		default:
			c.address, c.listen = "", text()
			if _, _, err := net.SplitHostPort(c.listen); err != nil {
				L.RaiseError("cluster must be true, or where its server listens: \"0.0.0.0:4222\"")
			}
		}
	case "lease":
		c.lease = seconds(L, v, name)
		if c.lease < remote.MinLease || c.lease > remote.MaxLease {
			L.RaiseError("lease must be between %v and %v seconds", remote.MinLease.Seconds(), remote.MaxLease.Seconds())
		}
	case "tags":
		list, ok := v.(*lua.LTable)
		if !ok {
			L.RaiseError("tags must be a list of strings")
		}
		for i := 1; i <= glua.Len(list); i++ {
			tag, ok := glua.Item(list, i).(lua.LString)
			if !ok {
				L.RaiseError("tags must be a list of strings")
			}
			if tag == "" || strings.ContainsAny(string(tag), ",\n") {
				L.RaiseError("a tag is not empty, and has no commas")
			}
			c.tags = append(c.tags, string(tag))
		}
	default:
		return false
	}
	return true
}

// scriptKey returns the key of the script.
func (c *farConfig) scriptKey() (*remote.ScriptKey, string, error) {
	if c.key != "" && c.listen == "" {
		k, err := remote.ParseKey([]byte(c.key))
		if err != nil {
			err = fmt.Errorf("authkey must be the text of a script.key: %w", err)
		}
		return k, "", err
	}
	dir, err := remote.KeyDir()
	if err != nil {
		return nil, "", err
	}
	if c.listen != "" {
		k, err := remote.MakeKeys(dir)
		return k, dir, err
	}
	k, err := remote.ReadKey(dir)
	return k, dir, err
}

// A farPool has what only pools over machines have.
type farPool struct {
	*remote.Transport
	name    string
	lib     *library
	started time.Time
	tags    []string // that a worker has to have

	mu      sync.Mutex
	address string // to be told to workers
}

// newFar returns the transport of a pool over machines.
func (lib *library) newFar(w *workers, c *farConfig) (pool.Transport, error) {
	cfg := lib.engine.Config()
	if !cfg.Network.TCP || !cfg.Shell {
		return nil, errors.New("workers on other machines need the network, and luaspawnd to be started; this script may not have both")
	}
	if c.listen == "" {
		if err := remote.CheckAddress(c.address); err != nil {
			return nil, err
		}
	}
	program, err := remote.FindLuaspawnd()
	if err != nil {
		return nil, err
	}
	key, dir, err := c.scriptKey()
	if err != nil {
		return nil, err
	}
	open, err := lib.packOpen(w)
	if err != nil {
		return nil, err
	}
	if w.setup != nil && len(w.setup.Files) > 0 {
		return nil, errors.New("the initializer, or its arguments, reach a lock, queue or socket, which lives on this machine")
	}
	f := &farPool{name: w.name, lib: lib, started: time.Now(), tags: c.tags, address: c.address}
	connect := map[string]string{"address": c.address, "password": key.Password(), "name": w.name, "serve": c.listen, "keys": dir}
	stdout, stderr := lib.engine.Stdout(), lib.engine.Stderr()
	f.Transport = remote.New(remote.Config{
		Key:     key,
		Lease:   c.lease,
		Open:    open,
		Tags:    c.tags,
		Connect: connect,
		Relay:   remote.Command(program, "bridge"),
		Connected: func(s map[string]string) {
			if s["connected"] == "true" && c.listen != "" {
				f.serving(s["address"], connect)
			}
		},
		Output: func(stream int, text []byte) {
			if stream == 2 {
				stderr.Write(text)
			} else {
				stdout.Write(text)
			}
		},
	})
	w.far = f
	return f.Transport, nil
}

// serving is called with the address of the pool's own server, and tells people.
func (f *farPool) serving(address string, connect map[string]string) {
	f.mu.Lock()
	news := f.address == ""
	f.address = address
	f.mu.Unlock()
	// If the bridge has to be started again, its server must have the same address, where workers look for it.
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(withoutPin(address), "nats://"))
	host, _, _ := net.SplitHostPort(connect["serve"])
	connect["serve"] = net.JoinHostPort(host, port)
	if news {
		f.say("is served at %s; a worker:  %s", address, f.workerCommand(address))
	}
}

func withoutPin(address string) string {
	address, _, _ = strings.Cut(address, "#")
	return address
}

// workerCommand returns the shell's command that starts a worker for this pool.
func (f *farPool) workerCommand(address string) string {
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	command := "luaspawnd worker " + quoted(address)
	for _, tag := range f.tags {
		command += " --tag " + quoted(tag)
	}
	return command
}

// say writes a line for people.
func (f *farPool) say(format string, args ...any) {
	f.lib.engine.WriteError("luaspawn: pool '" + f.name + "' " + fmt.Sprintf(format, args...) + "\n")
}

// hunger is how long a pool may have tasks and no worker before people are told.
const hunger = 5 * time.Second

// attend looks from time to time whether w has tasks and no workers, and tells people.
func (f *farPool) attend(w *workers) {
	go func() {
		tick := time.NewTicker(hunger / 10)
		defer tick.Stop()
		var since time.Time
		told := false
		for {
			select {
			case <-w.Done():
				return
			case <-tick.C:
			}
			switch {
			case !w.Starved():
				since, told = time.Time{}, false
			case since.IsZero():
				since = time.Now()
			case !told && time.Since(since) >= hunger:
				told = true
				f.mu.Lock()
				address := f.address
				f.mu.Unlock()
				why := f.Trouble()
				if why != "" {
					why = " (" + why + ")"
				}
				f.say("waits for a worker at %s%s; to start one:  %s", address, why, f.workerCommand(address))
			}
		}
	}()
}

// size returns how many workers a pool has.
func (w *workers) size() int {
	if w.far == nil {
		return w.processes
	}
	_, n := w.far.Hosts()
	if w.processes > 0 {
		n = min(n, w.processes)
	}
	return n
}

// definitionsFor returns where the definitions for values that are sent to a pool are. If far is true there are none: a worker on
// another machine can't read the log.
func definitionsFor(far bool) luabind.Definitions {
	if far {
		return nil
	}
	return &tree
}

func receiverOf(far bool) string {
	if far {
		return "another machine"
	}
	return "the pool"
}

func functionName(bool) string { return "function" }

// cannotLeave returns why values that reach a shared object or a socket can't go to another
// machine.
func (lib *library) cannotLeave(name listName, values []lua.LValue) string {
	for i, v := range values {
		at := name(len(values) == 1)
		if len(values) > 1 {
			at = fmt.Sprintf("%s[%d]", at, i+1)
		}
		if path, what := findShared(v, at, nil); path != "" {
			return fmt.Sprintf("cannot send to another machine: %s is a %s (it lives on this one)", path, what)
		}
	}
	return fmt.Sprintf("cannot send to another machine: %s reaches a lock, queue or socket (it lives on this one)", name(len(values) == 1))
}

// findShared looks for a shared object in tables, and returns the path to it, and what it is.
func findShared(v lua.LValue, path string, seen []*lua.LTable) (string, string) {
	switch v := v.(type) {
	case *lua.LUserData:
		if o, ok := v.Value.(sharedObject); ok {
			return path, o.typeName()
		}
		if p, ok := v.Value.(luabind.Portable); ok {
			if parcel, err := p.Pack(); err == nil && len(parcel.Files) > 0 {
				closeFiles(parcel.Files)
				return path, "socket"
			}
		}
	case *lua.LTable:
		const deep = 20
		if slices.Contains(seen, v) || len(seen) > deep {
			return "", ""
		}
		seen = append(seen, v)
		for k, x := glua.Next(v, lua.LNil); k != lua.LNil; k, x = glua.Next(v, k) {
			at := path
			if s, ok := k.(lua.LString); ok {
				at += "." + string(s)
			} else {
				at += "[" + k.String() + "]"
			}
			if found, what := findShared(x, at, seen); found != "" {
				return found, what
			}
		}
	}
	return "", ""
}

// ownEnviron returns the environment for functions of scripts on this machine. It lacks the address of a server, so that pools
// that these functions make are local, unless they say otherwise.
func ownEnviron(environ []string) []string {
	return slices.DeleteFunc(environ, func(v string) bool { return strings.HasPrefix(v, clusterVariable+"=") })
}
