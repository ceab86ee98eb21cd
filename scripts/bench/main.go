// Bench runs the same work on luaspawn, on CPython's multiprocessing and on Lua
// 5.1 with luaposix, as far as they are installed, and on a Go program that does
// nothing, in turn, several times, and prints a table of medians and ratios:
//
//	go run ./scripts/bench [-rounds 5] [-only line,join] [-picture latencies.svg]
//	go run ./scripts/bench [-rounds 5] [-only pool-apply] pool
//	go run ./scripts/bench [-rounds 5] [-only fib,sieve] machine
//
// The second one does the work of pools, against CPython's Pool.
//
// Each figure is the median of the rounds, each round the median of what one
// program has measured. A ratio is that of luaspawn to the peer: below 1 luaspawn
// is faster, or smaller.
//
// The third one says how fast Lua runs: the processor time, user's and system's, of
// each program in machine on luaspawn, Lua 5.1, LuaJIT and gopher-lua as it is, and of the
// same in Python where there is one, the least of the rounds. What an empty program
// takes is taken off and has a row of its own. A ratio there is that of an engine to
// Lua 5.1: below 1 the engine is faster. All have to print the same.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 5, "how often everything is run")
	only := flag.String("only", "", "the works to run, with commas between them: "+names(works)+"; of pools "+names(poolWorks)+"; of the machine its programs (default all)")
	picture := flag.String("picture", "", "a file for a picture of the latencies, in SVG")
	flag.Parse()
	if flag.Arg(0) == "machine" {
		var programs []string // nil: all
		if *only != "" {
			programs = strings.Split(*only, ",")
		}
		end(runMachine(os.Stdout, os.Stderr, programs, *rounds))
	}
	all := works
	if flag.Arg(0) == "pool" {
		all = poolWorks
	}
	todo := all
	if *only != "" {
		todo = nil
		for _, w := range all {
			if slices.Contains(strings.Split(*only, ","), w.name) {
				todo = append(todo, w)
			}
		}
	}
	end(run(os.Stdout, os.Stderr, todo, *rounds, 1, *picture))
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A peer is what the work is run on.
type peer struct {
	name    string
	missing string                                 // why it can't be run; "": it can
	command func(w work, less int) (args []string) // nil: it has no such work
}

// work is what a script of every peer can do.
type work struct {
	name  string // as the scripts call it
	title string
	unit  string
	count int    // its argument; 0: it has none
	lua   string // the script of luaspawn
	shell bool   // the whole program is measured, not what it prints
}

var works = []work{
	{"line", "`start()` to the first line of the child, one every 50 ms", "µs", 20, "start.lua", false},
	{"join", "`start()` and `join()` of an empty child, one every 50 ms", "µs", 20, "start.lua", false},
	{"beside", "the same beside 1 GB of tables", "µs", 20, "start.lua", false},
	{"burst", "500 empty children at once, each", "µs", 500, "burst.lua", false},
	{"first", "whole program with one child, from the shell", "µs", 0, "first.lua", true},
	{"tree", "a tree of 126 processes, each of which starts two", "µs", 6, "tree.lua", false},
	{"payload", "100,000 small tables as an argument, start to received", "µs", 100000, "payload.lua", false},
	{"memory", "memory of an idle child (PSS)", "KiB", 4, "start.lua", false},
}

// poolWorks are those of a Pool of two workers.
var poolWorks = []work{
	{"pool-first", "first line of the script to the first result of a map", "µs", 1, "pool.lua", false},
	{"pool-apply", "`apply` of a tiny task", "µs", 2000, "pool.lua", false},
	{"pool-submit", "`submit` to its result (ProcessPoolExecutor)", "µs", 2000, "pool.lua", false},
	{"pool-one", "20,000 tiny tasks, chunksize 1", "µs", 20000, "pool.lua", false},
	{"pool-tiny", "1,000,000 tiny tasks, no chunksize, list in, list out", "µs", 1000000, "pool.lua", false},
	{"pool-large", "64 strings of 1 MiB to workers", "µs", 64, "pool.lua", false},
	{"pool-rising", "1,000 tasks of 0.1 to 20 ms, long ones last, beside their own time (CPython: chunksize 1)", "µs", 1000, "pool.lua", false},
	{"pool-rising-all", "the same, as a whole (CPython: no chunksize)", "µs", 1000, "pool.lua", false},
	{"pool-end", "`close` and `join` of an idle pool", "µs", 20, "pool.lua", false},
}

// pictured is the work that the picture shows.
var pictured = works[0]

func names(list []work) string {
	var b []string
	for _, w := range list {
		b = append(b, w.name)
	}
	return strings.Join(b, ",")
}

// run measures rounds rounds of works, with counts divided by less.
func run(out, progress io.Writer, works []work, rounds, less int, picture string) error {
	dir, err := os.MkdirTemp("", "luaspawn-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	here, err := source()
	if err != nil {
		return err
	}
	command, bare := filepath.Join(dir, "luaspawn"), filepath.Join(dir, "bare")
	if err := build(here, map[string]string{command: "../..", bare: "peers/bare"}); err != nil {
		return err
	}
	peers := findPeers(here, command, bare)
	for _, p := range peers {
		if p.missing != "" {
			fmt.Fprintf(progress, "not compared with %s: %s\n", p.name, p.missing)
		}
	}

	results := map[string]map[string][]float64{} // work, peer: the median of each round
	latencies := map[string][]float64{}          // peer: all of pictured
	for round := range rounds {
		for _, w := range works {
			if results[w.name] == nil {
				results[w.name] = map[string][]float64{}
			}
			for _, p := range turn(peers, round) {
				args := p.command(w, less)
				if p.missing != "" || args == nil {
					continue
				}
				fmt.Fprintf(progress, "round %d of %d: %s, %s\n", round+1, rounds, w.name, p.name)
				figures, err := measure(w, args)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", w.name, p.name, err)
				}
				results[w.name][p.name] = append(results[w.name][p.name], median(figures))
				if w.name == pictured.name {
					latencies[p.name] = append(latencies[p.name], figures...)
				}
			}
		}
	}
	report(out, works, peers, results)
	if picture != "" {
		return os.WriteFile(picture, draw(pictured.title, peers, latencies), 0o644)
	}
	return nil
}

// build builds programs, whose directories sources has by what they become.
func build(here string, sources map[string]string) error {
	for output, source := range sources {
		build := exec.Command("go", "build", "-o", output, ".")
		build.Dir = filepath.Join(here, source)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", filepath.Base(output), err, said)
		}
		if err := rewrite(output); err != nil {
			return err
		}
	}
	return nil
}

// rewrite writes an executable once more, as a whole: Linux keeps in large pages what was written in large pieces, and each
// process that runs it takes less time to begin and to end. The linker writes page by page.
func rewrite(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	whole := file + ".whole"
	if err := os.WriteFile(whole, b, 0o755); err != nil {
		return err
	}
	return os.Rename(whole, file)
}

// turn returns the peers in the order of a round: each begins with another one, and
// every second goes backwards. What one has left behind, memory that the machine has
// at hand above all, is there for the next.
func turn[T any](peers []T, round int) []T {
	first := round % len(peers)
	if round%2 == 0 {
		return slices.Concat(peers[first:], peers[:first])
	}
	order := slices.Concat(peers[first+1:], peers[:first+1])
	slices.Reverse(order)
	return order
}

// source returns the directory that this program was compiled from.
func source() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return "", errors.New("the scripts can't be found: run it by go run ./scripts/bench")
	}
	return filepath.Dir(file), nil
}

func findPeers(here, command, bare string) []peer {
	count := func(w work, less int) []string {
		if w.count == 0 {
			return nil
		}
		return []string{strconv.Itoa(max(1, w.count/less))}
	}
	peers := []peer{{
		name: "luaspawn",
		command: func(w work, less int) []string {
			args := []string{command, filepath.Join(here, w.lua)}
			if w.lua == "start.lua" || w.lua == "pool.lua" {
				args = append(args, w.name)
			}
			return append(args, count(w, less)...)
		},
	}, {
		name: "bare Go program",
		command: func(w work, less int) []string {
			if slices.Contains([]string{"beside", "payload"}, w.name) {
				return nil
			}
			return append([]string{bare, w.name}, count(w, less)...)
		},
	}, {
		name:    "luaposix fork",
		missing: fails("lua5.1", "-e", `require "posix.unistd"`),
		command: func(w work, less int) []string {
			if slices.Contains([]string{"beside", "payload", "memory"}, w.name) {
				return nil
			}
			return append([]string{"lua5.1", filepath.Join(here, "peers", "peer.lua"), w.name}, count(w, less)...)
		},
	}}
	for _, method := range []string{"fork", "forkserver", "spawn"} {
		peers = append(peers, peer{
			name:    "CPython " + method,
			missing: fails("python3", "-c", "import multiprocessing"),
			command: func(w work, less int) []string {
				n := less
				if w.name == "burst" && method == "spawn" {
					n *= 10 // it takes its time
				}
				if w.name == "beside" {
					return nil
				}
				if w.lua == "pool.lua" {
					return append([]string{"python3", filepath.Join(here, "peers", "pool.py"), w.name}, count(w, less)...)
				}
				return append([]string{"python3", filepath.Join(here, "peers", "peer.py"), method, w.name}, count(w, n)...)
			},
		})
	}
	for i, p := range peers { // pools are compared with one other
		if p.name == "luaspawn" || p.name == "CPython fork" {
			continue
		}
		peers[i].command = func(w work, less int) []string {
			if w.lua == "pool.lua" {
				return nil
			}
			return p.command(w, less)
		}
	}
	return peers
}

// fails says why a command can't be run, or "".
func fails(name string, args ...string) string {
	if said, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
		return strings.TrimSpace(err.Error() + " " + line)
	}
	return ""
}

// measure runs a program and returns the figures that it prints.
func measure(w work, args []string) ([]float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	if w.shell {
		return []float64{float64(time.Since(began).Nanoseconds()) / 1e3}, nil
	}
	var figures []float64
	for field := range strings.FieldsSeq(out.String()) {
		f, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return nil, fmt.Errorf("printed %q", out.String())
		}
		figures = append(figures, f)
	}
	if len(figures) == 0 {
		return nil, errors.New("printed nothing")
	}
	return figures, nil
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// report prints the table, in Markdown.
func report(out io.Writer, works []work, peers []peer, results map[string]map[string][]float64) {
	peers = slices.DeleteFunc(slices.Clone(peers), func(p peer) bool { // that has done none of it
		return p.name != peers[0].name && !slices.ContainsFunc(works, func(w work) bool { return len(results[w.name][p.name]) > 0 })
	})
	printVersions(out, "go", "python3", "lua5.1")
	fmt.Fprint(out, "\n\n| work |")
	for _, p := range peers {
		fmt.Fprintf(out, " %s |", p.name)
	}
	fmt.Fprintf(out, "\n| --- |%s\n", strings.Repeat(" ---: |", len(peers)))
	for _, w := range works {
		fmt.Fprintf(out, "| %s, %s |", w.title, w.unit)
		ours := median(results[w.name][peers[0].name])
		for i, p := range peers {
			switch list := results[w.name][p.name]; {
			case len(list) == 0:
				fmt.Fprint(out, " |")
			case i == 0:
				fmt.Fprintf(out, " %.0f |", ours)
			default:
				fmt.Fprintf(out, " %.0f (%.2f) |", median(list), ours/median(list))
			}
		}
		fmt.Fprintln(out)
	}
}

// printVersions prints what everything is run on, and by.
func printVersions(out io.Writer, commands ...string) {
	fmt.Fprintf(out, "%s, %d processors, GOMAXPROCS %d", machine(), runtime.NumCPU(), runtime.GOMAXPROCS(0))
	option := map[string]string{"go": "version", "python3": "--version"}
	for _, name := range commands {
		if said, err := exec.Command(name, cmp.Or(option[name], "-v")).CombinedOutput(); err == nil {
			line, _, _ := strings.Cut(strings.TrimSpace(string(said)), "  ")
			line, _, _ = strings.Cut(line, " -- ")
			fmt.Fprintf(out, "; %s", line)
		}
	}
}

// machine names the processor, where the system says what it is.
func machine() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}
