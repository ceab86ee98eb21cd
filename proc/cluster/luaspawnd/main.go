// Luaspawnd lets the pools of luaspawn have workers on other machines. It knows no Lua: it carries bytes, and starts
// programs that know what the bytes mean.
//
//	luaspawnd serve                 a server, by which the others find each other
//	luaspawnd worker ADDRESS        offers this machine
//	luaspawnd permissions           what another NATS server has to allow
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"luaspawn/proc/cluster"
	"luaspawn/proc/internal/relay"
	"luaspawn/proc/internal/session"
)

const usage = `usage: luaspawnd serve [--listen HOST:PORT] [--keys DIR] [--peers-at HOST:PORT [--peer HOST:PORT]...]
       luaspawnd worker [ADDRESS] [--keys DIR] [--processes N] [--tag TAG]...
                        [--name NAME] [--creds FILE] [--program PROGRAM [ARGS]...]
       luaspawnd permissions
       luaspawnd -v | -h
  serve        a server at which scripts and workers meet: loopback port 4222, unless it is told
               otherwise; beyond loopback it speaks TLS. It makes script.key and worker.key in DIR.
               Several servers with the same keys are one, if each is told where the others listen for
               it; ADDRESS is then a list of theirs, with commas
  worker       offers this machine to scripts that have script.key; it needs worker.key only
  permissions  what a NATS server of your own has to allow
ADDRESS is what serve prints; without one, LUASPAWN_CLUSTER, or nats://127.0.0.1:4222.
DIR is LUASPAWN_KEYS, or luaspawn in the directory for a user's state (~/.local/state).
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "luaspawnd: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(1)
	}
	debug.SetGCPercent(gcPercent)
	switch args[0] {
	case "serve":
		return serve(args[1:])
	case "worker":
		return worker(args[1:])
	case "bridge": // a script has started it
		// These are for the script, which a terminal or a service manager sends them together with this process. The end of
		// the script is that of the bridge.
		signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		return cluster.Bridge(os.Stdin, os.Stdout)
	case "permissions":
		fmt.Print(cluster.Permissions())
	case "-v", "--version":
		fmt.Printf("luaspawnd %s, format %s\n", version(), relay.Format)
	case "-h", "--help":
		fmt.Print(usage)
	default:
		return fmt.Errorf("unknown command '%s' (luaspawnd -h lists them)", args[0])
	}
	return nil
}

// gcPercent lets the heap grow to some 20 MB instead of 4. This process keeps nothing, but gigabytes go through it: a message
// of 64 MiB then costs 4 garbage collections instead of 16, and its memory is not given back to the system between
// them.
const gcPercent = 400

// options reads the arguments of a command. take has a function for each option, which gets its value. rest is called when an
// argument is no option; if it returns false the options end there.
func options(args []string, take map[string]func(value string) error, rest func(args []string) (more bool, err error)) error {
	for len(args) > 0 {
		name, value, has := strings.Cut(args[0], "=")
		if !strings.HasPrefix(name, "-") {
			more, err := rest(args)
			if err != nil || !more {
				return err
			}
			args = args[1:]
			continue
		}
		if name == "-h" || name == "--help" {
			fmt.Print(usage)
			os.Exit(0)
		}
		do, ok := take[name]
		if !ok {
			return fmt.Errorf("unrecognized option '%s' (luaspawnd -h lists them)", name)
		}
		args = args[1:]
		if !has {
			if len(args) == 0 {
				return fmt.Errorf("'%s' needs an argument (luaspawnd -h lists the options)", name)
			}
			value, args = args[0], args[1:]
		}
		if err := do(value); err != nil {
			return fmt.Errorf("'%s': %w", name, err)
		}
	}
	return nil
}

// into returns a function for options that sets a string.
func into(s *string) func(string) error {
	return func(value string) error { *s = value; return nil }
}

func unexpected(args []string) (bool, error) {
	return false, fmt.Errorf("unexpected argument '%s' (luaspawnd -h says what there is)", args[0])
}

// keysIn returns the directory of keys.
func keysIn(dir string) (string, error) {
	if dir != "" {
		return filepath.Abs(dir)
	}
	return session.KeyDir()
}

// serve runs a server until it is told to end.
func serve(args []string) error {
	listen, keys := "127.0.0.1:4222", ""
	cfg := cluster.ServerConfig{}
	if err := options(args, map[string]func(string) error{
		"--listen":   into(&listen),
		"--keys":     into(&keys),
		"--peers-at": into(&cfg.PeersAt),
		"--peer":     func(at string) error { cfg.Peers = append(cfg.Peers, at); return nil },
	}, unexpected); err != nil {
		return err
	}
	if len(cfg.Peers) > 0 && cfg.PeersAt == "" {
		return errors.New("'--peer' needs '--peers-at', where this server listens for others")
	}
	dir, err := keysIn(keys)
	if err != nil {
		return err
	}
	cfg.Listen, cfg.Dir = listen, dir
	s, err := cluster.Serve(cfg)
	if err != nil {
		return err
	}
	defer s.Close()
	at := s.Address()
	option, variable := "", ""
	if keys != "" {
		option = " --keys '" + dir + "'"
		variable = "LUASPAWN_KEYS='" + dir + "' "
	}
	fmt.Printf("luaspawnd: serving at %s\nworkers:  luaspawnd worker '%s'%s\nscripts:  %sLUASPAWN_CLUSTER='%s' luaspawn script.lua\nkeys:     %s (workers need %s only)\n",
		at, at, option, variable, at, dir, session.WorkerFile)
	<-ended().Done()
	return nil
}

// ended returns a context that ends when a signal tells this program to end.
func ended() context.Context {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	return ctx
}

// worker offers this machine.
func worker(args []string) error {
	cfg := cluster.WorkerConfig{Address: os.Getenv("LUASPAWN_CLUSTER"), Processes: runtime.GOMAXPROCS(0), Version: version(),
		Said: func(what string) { fmt.Fprintln(os.Stderr, "luaspawnd: "+what) }}
	keys, addressed := "", false
	err := options(args, map[string]func(string) error{
		"--keys":  into(&keys),
		"--name":  into(&cfg.Name),
		"--creds": into(&cfg.Creds),
		"--tag": func(tag string) error {
			if tag == "" || strings.ContainsAny(tag, ",\n") {
				return errors.New("a tag is not empty, and has no commas")
			}
			cfg.Tags = append(cfg.Tags, tag)
			return nil
		},
		"--processes": func(n string) (err error) {
			if cfg.Processes, err = strconv.Atoi(n); err != nil || cfg.Processes < 1 {
				return errors.New("this is no number of processes")
			}
			return nil
		},
		"--program": func(program string) error {
			cfg.Program = []string{program}
			return nil
		},
	}, func(args []string) (bool, error) {
		if cfg.Program != nil {
			cfg.Program = append(cfg.Program, args...)
			return false, nil
		}
		if addressed {
			return unexpected(args)
		}
		cfg.Address, addressed = args[0], true
		return true, nil
	})
	if err != nil {
		return err
	}
	if cfg.Address == "" {
		cfg.Address = relay.DefaultAddress
	}
	if cfg.Program == nil {
		cfg.Program = []string{"luaspawn"}
	}
	if cfg.Program[0], err = find(cfg.Program[0]); err != nil {
		return err
	}
	dir, err := keysIn(keys)
	if err != nil {
		return err
	}
	cfg.Key = filepath.Join(dir, session.WorkerFile)
	return cluster.Work(ended(), cfg)
}

// find returns the path of a program: beside this one, or as a shell finds it.
func find(program string) (string, error) {
	if self, err := os.Executable(); err == nil && filepath.Base(program) == program {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), program)); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("the program that runs scripts: %w (--program says which it is)", err)
	}
	return filepath.Abs(path)
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}
