//go:build unix

package signal_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"luaspawn/luabind"
	"luaspawn/luabind/lib/signal"
)

// What a script has caught or ignored is the program's again when the script wants the default: at a prompt
// Ctrl-C ended everything then.
func TestDefaultIsThePrograms(t *testing.T) {
	ch := make(chan os.Signal, 8)
	defer signal.Watch(ch, syscall.SIGUSR1)()
	e, err := luabind.New(luabind.Config{Signals: true, Modules: []luabind.Module{signal.Module}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, between := range []string{
		`signal.signal("USR1", print)`,
		`signal.signal("USR1", signal.ignore)`,
		`signal.signal("USR1", signal.ignore) signal.signal("USR1", print)`,
	} {
		source := `local signal = require "signal" ` + between + ` signal.raise("USR1") signal.signal("USR1", signal.default) signal.raise("USR1")`
		if err := e.Run(t.Context(), "=test", strings.NewReader(source)); err != nil {
			t.Fatal(between, err)
		}
		select {
		case <-ch:
		case <-time.After(time.Minute):
			t.Fatalf("%s: the program doesn't get the signal any more", between)
		}
	}
}
