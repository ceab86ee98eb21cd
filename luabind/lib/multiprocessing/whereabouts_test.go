//go:build windows || portable

package multiprocessing

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"luaspawn/luabind"
	luatime "luaspawn/luabind/lib/time"
)

// Where there is no board, as on Windows, a process says of itself where its script is, also while that waits.
func TestWhereabouts(t *testing.T) {
	e, err := luabind.New(luabind.Config{Modules: []luabind.Module{Module, luatime.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	report := Reporter(e)
	begun := make(chan struct{})
	if err := e.SetGlobal("begin", func() { close(begun) }); err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 1)
	if err := e.SetGlobal("told", func() bool { return len(told) > 0 }); err != nil {
		t.Fatal(err)
	}
	go func() {
		<-begun
		told <- report()
	}()
	source := "\nlocal function wait()\n  begin() while not told() do require('time').sleep(0.01) end\nend\nwait()"
	if err := e.Run(t.Context(), "=test", strings.NewReader(source)); err != nil {
		t.Fatal(err)
	}
	got := <-told
	if want := fmt.Sprintf("MainProcess (%d):\n", os.Getpid()); !strings.HasPrefix(got, want) || !strings.Contains(got, "test:3: in function 'wait'\n\ttest:5: in main chunk") {
		t.Errorf("got %q, want it to begin with %q and to have the calls", got, want)
	}
}
