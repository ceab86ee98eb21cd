package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An engine runs the programs of the directory machine.
type engine struct {
	name    string
	args    []string // of its command, before the program
	ext     string   // of the programs that it takes
	missing string   // why it can't be run; "": it can
}

// empty is the program that says what a start takes. It is run emptyRuns times a round,
// since its time goes into all others.
const (
	empty     = "empty"
	emptyRuns = 4
)

// leastTime stands for what is shorter than can be measured.
const leastTime = time.Millisecond

// machinePrograms returns the names of the programs that there are.
func machinePrograms(here string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(here, "machine", "*.lua"))
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".lua")
	}
	return files, err
}

// runMachine runs the programs, or those of them that only names, on each engine, and
// prints how much processor time they take, as ratios to Lua 5.1's.
func runMachine(out, progress io.Writer, only []string, rounds int) error {
	here, err := source()
	if err != nil {
		return err
	}
	programs, err := machinePrograms(here)
	if err != nil {
		return err
	}
	if only != nil {
		for _, p := range only {
			if !slices.Contains(programs, p) {
				return fmt.Errorf("no program %q in %s", p, strings.Join(programs, ","))
			}
		}
		programs = only
	}
	dir, err := os.MkdirTemp("", "luaspawn-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	command, gopherLua := filepath.Join(dir, "luaspawn"), filepath.Join(dir, "gopherlua")
	if err := build(here, map[string]string{command: "../..", gopherLua: "peers/gopherlua"}); err != nil {
		return err
	}
	for _, ext := range []string{".lua", ".py"} {
		if err := os.WriteFile(filepath.Join(dir, empty+ext), []byte("\n"), 0o644); err != nil {
			return err
		}
	}
	engines := slices.DeleteFunc(findEngines(command, gopherLua), func(e engine) bool {
		if e.missing != "" {
			fmt.Fprintf(progress, "not compared with %s: %s\n", e.name, e.missing)
		}
		return e.missing != ""
	})

	best, err := compete(progress, dir, filepath.Join(here, "machine"), programs, engines, rounds)
	if err != nil {
		return err
	}
	reportMachine(out, programs, engines, best)
	return nil
}

// compete runs the programs of a directory, and the empty one of another, on each engine
// in turn. It returns the least time that each program takes on each engine, and an error
// if one doesn't print what the others do.
func compete(progress io.Writer, emptyDir, dir string, programs []string, engines []engine, rounds int) (map[string]map[string]time.Duration, error) {
	best := map[string]map[string]time.Duration{} // program, engine
	said := map[string]string{}                   // program: what it prints
	for round := range rounds {
		for _, p := range append(slices.Repeat([]string{empty}, emptyRuns), programs...) {
			fmt.Fprintf(progress, "round %d of %d: %s\n", round+1, rounds, p)
			if best[p] == nil {
				best[p] = map[string]time.Duration{}
			}
			for _, e := range turn(engines, round) {
				file := filepath.Join(dir, p+e.ext)
				if p == empty {
					file = filepath.Join(emptyDir, p+e.ext)
				} else if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
					continue
				}
				took, text, err := processorTime(append(slices.Clone(e.args), file))
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", p, e.name, err)
				}
				if want, ok := said[p]; ok && text != want {
					return nil, fmt.Errorf("%s prints %q on %s, elsewhere %q", p, text, e.name, want)
				}
				said[p] = text
				if least, ok := best[p][e.name]; !ok || took < least {
					best[p][e.name] = took
				}
			}
		}
	}
	return best, nil
}

// findEngines returns the engines, first the one that others are compared with.
func findEngines(command, gopherLua string) []engine {
	python := engine{name: "python3", ext: ".py", missing: fails("python3", "-V")}
	if python.missing == "" { // what is found may be a script that looks for the right one
		path, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
		if err != nil {
			python.missing = err.Error()
		}
		python.args = []string{strings.TrimSpace(string(path))}
	}
	return []engine{
		{"lua5.1", []string{"lua5.1"}, ".lua", fails("lua5.1", "-v")},
		{"luaspawn", []string{command}, ".lua", ""},
		{"luajit", []string{"luajit"}, ".lua", fails("luajit", "-v")},
		{"bare gopher-lua", []string{gopherLua}, ".lua", ""},
		python,
	}
}

// processorTime runs a program and returns the processor time that it takes, the user's
// and the system's, and what it prints.
func processorTime(args []string) (time.Duration, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return 0, "", err
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), string(text), nil
}

// reportMachine prints the table, in Markdown. Of each program the start is taken off, by
// each engine's time of an empty one.
func reportMachine(out io.Writer, programs []string, engines []engine, best map[string]map[string]time.Duration) {
	base := engines[0].name
	printVersions(out, "go", "lua5.1", "luajit", "python3")
	fmt.Fprintf(out, "\n\n| program | %s, ms |", base)
	for _, e := range engines[1:] {
		fmt.Fprintf(out, " %s |", e.name)
	}
	fmt.Fprintf(out, "\n| --- |%s\n", strings.Repeat(" ---: |", len(engines)))

	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
	row := func(title string, took func(engine string) (time.Duration, bool)) map[string]float64 {
		ratios := map[string]float64{}
		ours, _ := took(base)
		fmt.Fprintf(out, "| %s | %.1f |", title, milliseconds(ours))
		for _, e := range engines[1:] {
			if d, ok := took(e.name); ok {
				ratios[e.name] = float64(d) / float64(ours)
				fmt.Fprintf(out, " %.2f |", ratios[e.name])
			} else {
				fmt.Fprint(out, " |")
			}
		}
		fmt.Fprintln(out)
		return ratios
	}
	row("an empty program", func(e string) (time.Duration, bool) { return best[empty][e], true })
	logs := map[string][]float64{}
	for _, p := range programs {
		ratios := row(p, func(e string) (time.Duration, bool) {
			d, ok := best[p][e]
			return max(d-best[empty][e], leastTime), ok
		})
		for e, r := range ratios {
			logs[e] = append(logs[e], math.Log(r))
		}
	}
	fmt.Fprint(out, "| geometric mean, without the empty program | |")
	for _, e := range engines[1:] {
		sum := 0.0
		for _, l := range logs[e.name] {
			sum += l
		}
		n := len(logs[e.name])
		fmt.Fprintf(out, " %.2f", math.Exp(sum/float64(max(1, n))))
		if n < len(programs) {
			fmt.Fprintf(out, " (of %d)", n)
		}
		fmt.Fprint(out, " |")
	}
	fmt.Fprintln(out)
}
