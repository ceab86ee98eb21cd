package scripts

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// What a script prints stands beside it, in a file of package testscript: join.txt for join.lua. It accounts for every
// line and for standard error. Beside the commands and conditions of testscript there are
//
//	luaspawn scripts/NAME.lua   runs the script as README.md says, from the repository's root, and waits for the end of
//	                            all that it started. The exit status is 0. Lines end in \n on Windows too.
//	[penlight]                  whether luaspawn finds Penlight

// expected runs the expectation of a script, such as recipes/tail.lua; its luaspawn is run.
func expected(script string, run func() result) *trial {
	t := &trial{}
	testscript.RunT(t, testscript.Params{
		Files:              []string{strings.TrimSuffix(script, ".lua") + ".txt"},
		RequireUniqueNames: true,
		Condition: func(name string) (bool, error) {
			if name != "penlight" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return havePenlight()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"luaspawn": func(ts *testscript.TestScript, neg bool, args []string) {
				if want := "scripts/" + filepath.ToSlash(script); neg || !slices.Equal(args, []string{want}) {
					ts.Fatalf("usage: luaspawn %s", want)
				}
				got := run()
				fmt.Fprint(ts.Stdout(), got.stdout)
				fmt.Fprint(ts.Stderr(), got.stderr)
				ts.Check(got.err)
				if got.status != 0 {
					ts.Fatalf("exit status: got %d, want 0", got.status)
				}
			},
		},
	})
	return t
}

var havePenlight = sync.OnceValues(func() (bool, error) {
	command, err := buildOnce()
	if err != nil {
		return false, err
	}
	return run(command, root, "-e", `require "pl.List"`).status == 0, nil
})

// trial is the testing.T of an expectation that may fail.
type trial struct {
	failed  bool
	skipped string // why
	log     strings.Builder
}

func (t *trial) Log(args ...any)   { fmt.Fprintln(&t.log, args...) }
func (t *trial) Fatal(args ...any) { t.Log(args...); t.FailNow() }
func (t *trial) FailNow()          { t.failed = true; runtime.Goexit() }
func (t *trial) Skip(args ...any)  { t.skipped = fmt.Sprint(args...); runtime.Goexit() }
func (t *trial) Parallel()         {}
func (t *trial) Verbose() bool     { return false }

func (t *trial) Run(_ string, f func(testscript.T)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(t)
	}()
	<-done
}

// expect runs a script and compares what it prints with its expectation, which must refuse the same with a fault.
func expect(command, script string) func(*testing.T) {
	var got result
	asExpected := expected(script, func() result {
		got = run(command, root, "scripts/"+filepath.ToSlash(script))
		return got
	})
	return func(t *testing.T) {
		switch {
		case asExpected.failed:
			t.Fatal(asExpected.log.String())
		case asExpected.skipped != "":
			t.Skip(asExpected.skipped)
		}
		if testing.Short() {
			return
		}
		for what, wrong := range spoiled(got) {
			if !expected(script, func() result { return wrong }).failed {
				t.Errorf("not refused: %s: %+v", what, wrong)
			}
		}
	}
}

// spoiled are results like one that was expected, each with a fault that every expectation must refuse.
func spoiled(right result) map[string]result {
	faults := map[string]result{}
	add := func(what string, change func(*result)) {
		wrong := right
		change(&wrong)
		faults[what] = wrong
	}
	add("status", func(r *result) { r.status = 1 })
	add("a process that was left behind", func(r *result) { r.err = errors.New("left behind") })
	add("an empty line on standard error", func(r *result) { r.stderr += "\n" })
	add("a last line without an end", func(r *result) { r.stdout = strings.TrimSuffix(r.stdout, "\n") })
	add("a stray line at the end", func(r *result) { r.stdout += "stray\n" })
	for i, line := range slices.Collect(strings.Lines(right.stdout)) {
		replace := func(with string) func(*result) {
			return func(r *result) {
				lines := slices.Collect(strings.Lines(r.stdout))
				lines[i] = with
				r.stdout = strings.Join(lines, "")
			}
		}
		add(fmt.Sprintf("a stray line before line %d", i+1), replace("stray\n"+line))
		add(fmt.Sprintf("line %d twice", i+1), replace(line+line))
		if line != "Piao-1 is piaoing\n" { // terminate.lua may do without
			add(fmt.Sprintf("no line %d", i+1), replace(""))
		}
	}
	return faults
}

// Each script has an expectation, and no expectation is left over after a script was renamed.
func TestExpectationsHaveScripts(t *testing.T) {
	for _, dir := range []string{".", "recipes"} {
		scripts, err := filepath.Glob(dir + "/*.lua")
		if err != nil {
			t.Fatal(err)
		}
		scripts = slices.DeleteFunc(scripts, func(script string) bool { return slices.Contains(networked, script) })
		files, err := filepath.Glob(dir + "/*.txt")
		if err != nil {
			t.Fatal(err)
		}
		for i := range files {
			files[i] = strings.TrimSuffix(files[i], ".txt") + ".lua"
		}
		if !slices.Equal(scripts, files) {
			t.Errorf("scripts: %v\nexpectations of: %v", scripts, files)
		}
	}
}

// The expectations must refuse what would be wrong: tasks that ran one after another where they should run
// together, a child that had the parent's memory, a child that came back to life.
func TestExpectationsRefuse(t *testing.T) {
	const started = "子进程1 is running.\n子进程2 is running.\n子进程3 is running.\n"
	const ended = "子进程1 is done.\n子进程2 is done.\n子进程3 is done.\n"
	const serial = "子进程1 is running.\n子进程1 is done.\n子进程2 is running.\n子进程2 is done.\n子进程3 is running.\n子进程3 is done.\n"
	for _, test := range []struct {
		script, got string
		ok          bool
	}{
		{"join_concurrent.lua", started + ended + "主\t3\n", true},
		{"join_concurrent.lua", started + ended + "主\t3.0151679515839\n", true},
		{"join_concurrent.lua", started + ended + "主\t4.4\n", true},
		{"join_concurrent.lua", "子进程2 is running.\n子进程1 is running.\n子进程3 is running.\n" + ended + "主\t3.1\n", true},
		{"join_concurrent.lua", started + ended + "主\t2.9999\n", false},
		{"join_concurrent.lua", started + ended + "主\t4.5\n", true},
		{"join_concurrent.lua", started + ended + "主\t6.0\n", true},
		{"join_concurrent.lua", started + ended + "主\t30.1\n", true},
		{"join_concurrent.lua", started + ended + "主\t3e-05\n", false},
		{"join_concurrent.lua", started + ended + "主 3.1\n", false},
		{"join_concurrent.lua", started + ended + "主\n", false},
		{"join_concurrent.lua", "主\t3.1\n" + started + ended, false},
		{"join_concurrent.lua", serial + "主\t3.1\n", false},
		{"join_concurrent.lua", "子进程1 is running.\n子进程2 is running.\n子进程1 is done.\n子进程3 is running.\n子进程2 is done.\n子进程3 is done.\n主\t4.2\n", true},
		{"join_loop.lua", started + ended + "主\t3.0151679515839\n", true},
		{"join_loop.lua", serial + "主\t6.01\n", false},
		{"join_serial.lua", serial + "主\t6.0151679515839\n", true},
		{"join_serial.lua", serial + "主\t5.9\n", false},
		{"join_serial.lua", serial + "主\t7.6\n", true},
		{"join_serial.lua", started + ended + "主\t6.1\n", false},
		{"isolated_memory.lua", "子进程内:\t0\n主进程内:\t100\n", true},
		{"isolated_memory.lua", "子进程内:\t0\n主进程内:\t0\n", false},
		{"terminate.lua", "true\n开始\nfalse\n", true},
		{"terminate.lua", "true\n开始\ntrue\n", true},
		{"terminate.lua", "false\n开始\nfalse\n", true},
		{"terminate.lua", "Piao-1 is piaoing\nfalse\n开始\nfalse\n", true},
		{"terminate.lua", "true\nPiao-1 is piaoing\n开始\nfalse\n", true},
		{"terminate.lua", "false\n开始\ntrue\n", false},
		{"terminate.lua", "true\n开始\nfalse\nPiao-1 is piao end\n", false},
		{"name_pid.lua", "Piao-1\n开始\n4711\negon is piaoing\negon is piao end\n", true},
		{"name_pid.lua", "Piao-1\n开始\nnil\negon is piaoing\negon is piao end\n", false},
		{"name_pid.lua", "Piao-1\n开始\n4711\nPiao-1 is piaoing\nPiao-1 is piao end\n", false},
		{"name_pid.lua", "egon\n开始\n4711\negon is piaoing\negon is piao end\n", false},
		{"join_concurrent.lua", "子进程1 is running.\n子进程2 is running.\n子进程2 is done.\n子进程1 is done.\n子进程3 is done.\n子进程3 is running.\n主\t4.2\n", false},
		{"start_class.lua", "egon is piaoing\n主\negon is piao end\n", true},
		{"start_class.lua", "egon is piao end\n主\negon is piaoing\n", false},
		{"daemon.lua", "false\n主\ttrue\n", true},
		{"daemon.lua", "false\n主\tfalse\n", false},
		{"recipes/crawler.lua", "/\t2 links\n/missing\tnot found\n/d\t1 links\n/c\t1 links\n/b\t3 links\n/a\t2 links\n", true},
		{"recipes/crawler.lua", "/a\t2 links\n/\t2 links\n/b\t3 links\n/c\t1 links\n/d\t1 links\n/missing\tnot found\n", false},
		{"recipes/monte_carlo.lua", "4000000 darts: pi is about 3.141\n", true},
		{"recipes/monte_carlo.lua", "4000000 darts: pi is about 3.151\n", false},
	} {
		got := expected(test.script, func() result { return result{stdout: test.got} })
		if got.failed == test.ok || got.skipped != "" {
			t.Errorf("%s, printed %q: got failed: %v, want a match: %v\n%s", test.script, test.got, got.failed, test.ok, got.log.String())
		}
	}
}
