package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/repl/internal/show"
)

// jobs is jobs(): a list of what was started, for people.
func (s *session) jobs(*lua.LState) int {
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 8, 2, ' ', 0)
	for i, job := range s.list() {
		if i == 0 {
			fmt.Fprintln(w, "NUMBER\tNAME\tPID\tSTATE\tEXIT CODE\tAGE")
		}
		state, code := "running", ""
		if job.Ended {
			state, code = "ended", fmt.Sprint(job.ExitCode)
		}
		if job.Daemon {
			state += ", daemon"
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%s\t%s\n", job.Number, show.Escape(job.Name), job.Pid, state, code, age(time.Since(job.Started)))
	}
	w.Flush()
	s.console.Write(table.Bytes())
	return 0
}

func (s *session) list() []luabind.Job {
	var list []luabind.Job
	for _, jobs := range s.engine.Jobs() {
		list = append(list, jobs.List()...)
	}
	return list
}

// age words a duration as precisely as people look at it.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return d.Truncate(time.Second).String()
	default:
		return strings.TrimSuffix(d.Truncate(time.Minute).String(), "0s")
	}
}

// mayLeave asks what shall become of the jobs that still run, and says whether the
// session is over. Daemons end with the engine: nobody is asked for them.
func (s *session) mayLeave() bool {
	var running []string
	for _, job := range s.list() {
		if !job.Ended && !job.Daemon {
			running = append(running, fmt.Sprintf("%s (pid %d)", show.Escape(job.Name), job.Pid))
		}
	}
	if len(running) == 0 || !s.console.person() {
		return true
	}
	const shown = 5
	if more := len(running) - shown; more > 0 {
		running = append(running[:shown], fmt.Sprintf("%d more", more))
	}
	fmt.Fprintf(s.console, "still running: %s\n", strings.Join(running, ", "))
	var answer string
	var err error
	s.reading(func() {
		answer, err = s.console.ask("leave? w: wait for them, t or Ctrl-D: terminate them, Enter: stay ")
	})
	switch {
	case s.ctx.Err() != nil: // so says Run
		return false
	case err != nil && !errors.Is(err, errInterrupted) || answer == "t":
		for _, jobs := range s.engine.Jobs() {
			jobs.Terminate()
		}
		return true
	case err == nil && answer == "w":
		return s.wait()
	}
	s.console.in.SetDeadline(never)
	return false
}

// wait waits for all jobs and says whether it came to that: Ctrl-C ends it, and
// the session goes on.
func (s *session) wait() bool {
	err := s.protect(func(ctx context.Context) error {
		for _, jobs := range s.engine.Jobs() {
			if err := jobs.Wait(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.report(err)
	}
	return err == nil
}
