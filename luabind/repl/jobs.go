package repl

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luaspawn/luabind"
	"luaspawn/luabind/internal/glua"
	"luaspawn/luabind/repl/internal/show"
)

// jobsSource makes what jobs() returns of the objects by number, of a list of records for
// those that have none any more, and of the list for people.
//
//go:embed jobs.lua
var jobsSource string

// jobs is jobs(): what was started, by number, in a table that the prompt shows as a
// list for people; with true that says also who waits for whom.
func (s *session) jobs(L *lua.LState) int {
	list := s.list()
	text := tabulate(list)
	if lua.LVAsBool(L.Get(1)) {
		for _, jobs := range s.engine.Jobs() {
			text += "\n" + strings.TrimRight(jobs.Report(), "\n")
		}
	}
	objects, records := glua.NewTable(0, 0), glua.NewTable(0, 0)
	for _, job := range list {
		if job.Object != nil {
			glua.SetItem(objects, job.Number, job.Object)
			continue
		}
		record := glua.NewTable(0, 0)
		glua.SetNamed(record, "number", lua.LNumber(job.Number))
		glua.SetNamed(record, "name", lua.LString(job.Name))
		glua.SetNamed(record, "pid", lua.LNumber(job.Pid))
		glua.SetNamed(record, "exitcode", lua.LNumber(job.ExitCode))
		glua.Append(records, record)
	}
	chunk, err := s.engine.Load("=jobs", jobsSource)
	if err != nil {
		L.RaiseError("%s", err)
	}
	L.Push(chunk)
	glua.Call(L, 0, 1)
	L.Push(objects)
	L.Push(records)
	L.Push(lua.LString(text))
	glua.Call(L, 3, 1)
	return 1
}

// jobsText is the field of the metatable of what jobs() returns that holds the list.
const jobsText = "__jobs"

// jobsList returns the list for people that v is; ok: it is one.
func jobsList(v lua.LValue) (text string, ok bool) {
	t, _ := v.(*lua.LTable)
	if t == nil {
		return "", false
	}
	metatable, _ := t.Metatable.(*lua.LTable)
	if metatable == nil {
		return "", false
	}
	list, ok := glua.Named(metatable, jobsText).(lua.LString)
	return string(list), ok
}

// tabulate lists jobs for people.
func tabulate(list []luabind.Job) string {
	if len(list) == 0 {
		return "no processes"
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NUMBER\tNAME\tPID\tSTATE\tEXIT CODE\tAGE")
	for _, job := range list {
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
	return strings.TrimRight(table.String(), "\n")
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
