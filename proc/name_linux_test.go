//go:build !portable

package proc_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luaspawn/proc"
)

// printName prints the names that ps shows, of which the short one follows a moment later
// in a child that was kept ready.
func printName(*proc.Self, []byte) int {
	var name string
	if !until(func() bool {
		b, err := os.ReadFile("/proc/self/comm")
		name = strings.TrimSpace(string(b))
		return err != nil || !strings.HasSuffix(name, "ready")
	}) {
		return 1
	}
	arguments, _ := os.ReadFile("/proc/self/cmdline")
	program, _, _ := strings.Cut(string(arguments), "\x00")
	fmt.Print(name, " ", filepath.Base(program))
	return 0
}

func TestName(t *testing.T) {
	program := filepath.Base(os.Args[0])
	want := program[:min(len(program), 15)] + " " + program
	for range 2 { // the second one was kept ready, where some are
		if got := output(t, "name"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
