package board

import (
	"strings"
	"testing"

	"luaspawn/luabind/lib/multiprocessing/internal/trace"
)

// Names that scripts have given do nothing to the terminal that a report is read on.
func TestReportPrintable(t *testing.T) {
	const name = "a\x1b[31m\u009b1m\nb"
	var all []*Process
	for why := trace.ForOther; why <= trace.ForSleep; why++ {
		all = append(all, &Process{
			Slot: why + 1, Pid: why + 10, Name: name, State: 'S', Begun: true,
			Waiting: true, Wait: Wait{Why: why, What: name, Pid: 10, Limit: true, File: name, Line: 1},
		})
	}
	got := Report(all, Options{})
	if strings.ContainsAny(got, "\x1b\u009b") || strings.Count(got, "\n") != 1+len(all) {
		t.Errorf("got %q", got)
	}
}
