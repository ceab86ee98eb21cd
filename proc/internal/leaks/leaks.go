// Package leaks tells what the tests of a package have left open or running.
package leaks

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// patience is how long Check waits for things that end by themselves.
const patience = time.Minute

// Before is what was open and running before the tests.
type Before struct {
	kept        []string
	descriptors map[string]bool // by number and name
	goroutines  int
}

// Look returns what is open and running now. There may be more descriptors later if their names begin with one of kept, such as
// pollers of the runtime.
func Look(kept ...string) *Before {
	n, _ := goroutines()
	return &Before{kept, Descriptors(), n}
}

// Check is called at the end of the tests, with their exit code. If that is 0, Check waits until nothing is left that wasn't
// there before, and more, which looks for leftovers of other kinds, returns "". It returns the code to exit with, and prints
// why it isn't 0.
func (b *Before) Check(code int, more func() string) int {
	if code != 0 {
		return code
	}
	over := time.After(patience)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		what := b.left() + more()
		if what == "" {
			return 0
		}
		select {
		case <-again.C:
		case <-over:
			fmt.Fprintf(os.Stderr, "FAIL: left over:\n%s", what)
			return 1
		}
	}
}

func (b *Before) left() string {
	var what strings.Builder
next:
	for d := range Descriptors() {
		_, name, _ := strings.Cut(d, " ")
		for _, kept := range b.kept {
			if strings.HasPrefix(name, kept) {
				continue next
			}
		}
		if !b.descriptors[d] {
			fmt.Fprintf(&what, "descriptor %s\n", d)
		}
	}
	if n, stacks := goroutines(); n > b.goroutines {
		fmt.Fprintf(&what, "%d goroutines, there were %d\n%s\n", n, b.goroutines, stacks)
	}
	return what.String()
}

// goroutines returns how many goroutines there are. It leaves out the one that os/signal keeps once a program has used it, as
// package testing does when it fuzzes.
func goroutines() (n int, stacks []byte) {
	stacks = make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return runtime.NumGoroutine() - bytes.Count(stacks, []byte("\nos/signal.loop()")), stacks
}

// Descriptors returns the open descriptors of this process, each as its number and, after a space, what it is open on. It returns none if
// the system can't tell.
func Descriptors() map[string]bool {
	open := map[string]bool{}
	if runtime.GOOS != "linux" { // under Wine there is such a directory, with Wine's own
		return open
	}
	names, _ := filepath.Glob("/proc/self/fd/*")
	for _, name := range names {
		if to, err := os.Readlink(name); err == nil { // else it was Glob's own
			open[filepath.Base(name)+" "+to] = true
		}
	}
	return open
}
